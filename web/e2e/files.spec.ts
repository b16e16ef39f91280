import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './support';

test.use({ login: 'admin' });

// One red pixel.
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);
const PAPER = Buffer.from('%PDF-1.7 示例合同');

/** Opens a record and the editor of a field that may be empty still. */
async function edit(page: Page, object: string, label: string) {
  const answer = await page.request.get(`/api/v1/records/${object}?limit=1`);
  await page.goto(`/o/${object}/${(await answer.json()).items[0].id}`);
  const details = page.getByRole('region', { name: '资料' });
  await expect(details).toBeVisible();
  const more = details.getByRole('button', { name: /个空字段/ });
  if (await more.count()) await more.click();
  await details.getByRole('button', { name: `修改${label}` }).click();
  return details;
}

/** Clicks an editor's button beside the files, which lead to themselves. */
const beside = (details: Locator, name: string) =>
  details.getByRole('button', { name }).click({ position: { x: 3, y: 8 } });

test('a file is chosen or pasted into a field, saved from there and taken out again', async ({ page }) => {
  const details = await edit(page, 'contract', '合同文本');
  await expect(details.getByRole('button', { name: '为合同文本选择文件' })).toBeFocused();
  await expectAccessible(page);
  await details
    .locator('input[data-file=choose]')
    .setInputFiles({ name: '框架合同.pdf', mimeType: 'application/pdf', buffer: PAPER });
  const link = details.getByRole('link', { name: /框架合同\.pdf/ });
  await expect(link).toBeVisible();
  await page.reload();
  await expect(link).toBeVisible();
  const saved = page.waitForEvent('download');
  await link.click();
  expect(await readFile(await (await saved).path())).toEqual(PAPER);
  await beside(details, '修改合同文本');
  // Pasted with a second one beside it.
  await details.getByRole('button', { name: '为合同文本选择文件' }).evaluate((button) => {
    const data = new DataTransfer();
    data.items.add(new File(['补充条款'], '补充.txt', { type: 'text/plain' }));
    button.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect(details.getByRole('link', { name: /补充\.txt/ })).toBeVisible();
  for (const name of ['框架合同.pdf', '补充.txt']) {
    await beside(details, '修改合同文本');
    await details.getByRole('button', { name: `移除${name}` }).click();
    await expect(details.getByRole('link', { name: new RegExp(name) })).toHaveCount(0);
  }
});

test('a picture is dropped onto its field and shown; what is no picture is refused', async ({ page }) => {
  const details = await edit(page, 'product', '图片');
  const drop = (name: string, type: string, content: number[]) =>
    details.getByRole('button', { name: '为图片选择文件' }).evaluate(
      (button, [name, type, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(content)], name, { type }));
        button.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [name, type, content] as const,
    );
  await drop('合同.pdf', 'application/pdf', [...PAPER]);
  await expect(details.getByRole('alert')).toHaveText('这里只能放图片');
  await drop('样品.png', 'image/png', [...PICTURE]);
  const picture = details.getByRole('img', { name: '样品.png' });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await details.getByRole('button', { name: '修改图片' }).click();
  await details.getByRole('button', { name: '移除样品.png' }).click();
  await expect(picture).toHaveCount(0);
});
