import { expect, expectAccessible, fresh, test } from './support';

test.use({ login: 'admin' });

test('a messy spreadsheet becomes customers, with its faults located, and is undone', async ({ page }) => {
  const tag = fresh('导入');
  const csv = [
    '客户资料一览,,,',
    '公司名称,电话,联系人,备注',
    `${tag}甲机械有限公司,0571-8000 1234,李建国,老客户`,
    `${tag}乙机械有限公司,0571-8000 5678,王海燕,`,
    `,0571-8000 9999,无名氏,缺名称`,
  ].join('\r\n');
  await page.goto('/imports?object=customer');
  await page
    .getByLabel('选择文件')
    .setInputFiles({ name: `${tag}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv, 'utf8') });
  await expect(page.getByRole('heading', { name: /已对应 \d+ \/ 4 列/ })).toBeVisible();
  await expect(page.getByRole('combobox', { name: '公司名称: 对应字段' })).toContainText('客户名称');
  await expect(page.getByRole('region', { name: '预览' })).toContainText(`${tag}甲机械有限公司`);
  await expectAccessible(page);
  await page.getByRole('button', { name: '检查数据' }).click();
  await expect(page.getByText('有问题', { exact: true })).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  await page.getByRole('button', { name: /^导入 2 行/ }).click();
  await expect(page.getByRole('status').filter({ hasText: '导入完成' })).toBeVisible({ timeout: 30_000 });
  // What failed is corrected where it is seen, and comes in as an import of its own.
  const first = page.url();
  await page.getByLabel('第 5 行“公司名称”').fill(`${tag}丙机械有限公司`);
  await expectAccessible(page);
  await page.getByRole('button', { name: '把改好的 1 行再导入' }).click();
  await expect(page).not.toHaveURL(first);
  await expect(page.getByRole('status').filter({ hasText: '导入完成' })).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: '撤销这次导入' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '撤销这次导入' }).click();
  await expect(page.getByText('导入已撤销')).toBeVisible({ timeout: 30_000 });
  await page.goto(first);
  await page.getByRole('button', { name: '查看导入的资料' }).click();
  await expect(page.getByText(`${tag}甲机械有限公司`)).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: '撤销这次导入' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '撤销这次导入' }).click();
  await expect(page.getByText('导入已撤销')).toBeVisible({ timeout: 30_000 });
});

test('a file that is no spreadsheet is refused in words', async ({ page }) => {
  await page.goto('/imports');
  await page.getByLabel('选择文件').setInputFiles({
    name: 'a.xlsx',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('PK\u0003\u0004 torn'),
  });
  await expect(page.getByRole('alert')).toContainText('这个文件没法导入');
});
