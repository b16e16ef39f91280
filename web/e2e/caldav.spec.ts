// Tasks in a calendar program: read and written by a client library that knows nothing of this server.
import { type DAVCalendar, DAVClient } from 'tsdav';
import { expect, fresh, test } from './support';

const TODOS = {
  'comp-filter': { _attributes: { name: 'VCALENDAR' }, 'comp-filter': { _attributes: { name: 'VTODO' } } },
};

function todo(uid: string, summary: string, more = ''): string {
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\nUID:${uid}\r\nDTSTAMP:20300101T000000Z\r\nSUMMARY:${summary}\r\nDUE;TZID=Asia/Shanghai:20301120T140000\r\n${more}END:VTODO\r\nEND:VCALENDAR\r\n`;
}

test('a calendar program finds, makes, finishes and removes tasks', async ({ page, baseURL }) => {
  const { csrf, user } = await (await page.request.get('/api/v1/session')).json();
  const headers = { 'X-CSRF-Token': csrf };
  const made = await page.request.post('/api/v1/keys', { data: { name: '日历', scopes: ['calendar'] }, headers });
  const { key, id } = await made.json();
  const client = new DAVClient({
    serverUrl: `${baseURL}/dav/`,
    credentials: { username: user.login, password: key },
    authMethod: 'Basic',
    defaultAccountType: 'caldav',
  });
  await client.login();
  const calendars = await client.fetchCalendars();
  expect(calendars.map((one) => one.displayName)).toEqual(['汇客任务', '汇客日程']);
  const calendar = calendars[0] as DAVCalendar;
  expect(calendar.components).toEqual(['VTODO']);

  const title = fresh('寄样品，含报价');
  const uid = fresh('phone-');
  const asked = { calendar, filters: TODOS };
  const created = await client.createCalendarObject({
    calendar,
    filename: `${uid}.ics`,
    iCalString: todo(uid, title.replace('，', '\\, '), 'PRIORITY:1\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n'),
  });
  expect(created.status).toBe(201);
  const mine = async () => (await client.fetchCalendarObjects(asked)).find((one) => String(one.data).includes(uid));
  const item = await mine();
  expect(item?.etag).toBeTruthy();
  const filter = JSON.stringify({ field: 'title', op: 'eq', value: title.replace('，', ', ') });
  const tasks = async () =>
    (await (await page.request.get(`/api/v1/records/task?filter=${encodeURIComponent(filter)}&sort=due_at`)).json())
      .items;
  expect(await tasks()).toMatchObject([
    { due_at: '2030-11-20T06:00:00Z', priority: 'high', status: 'open', recurrence: 'FREQ=WEEKLY;COUNT=2' },
  ]);

  // Done in the calendar: the next one of the series is there, and what was written against an old state is refused.
  const before = { url: item?.url ?? '', etag: item?.etag ?? '' };
  const data = todo(
    uid,
    title.replace('，', '\\, '),
    'PRIORITY:1\r\nSTATUS:COMPLETED\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n',
  );
  expect((await client.updateCalendarObject({ calendarObject: { ...before, data } })).status).toBe(204);
  expect((await client.updateCalendarObject({ calendarObject: { ...before, data } })).status).toBe(412);
  expect(await tasks()).toMatchObject([
    { status: 'done' },
    { status: 'open', due_at: '2030-11-27T06:00:00Z', recurrence: 'FREQ=WEEKLY;COUNT=1' },
  ]);

  const refused = await client.createCalendarObject({
    calendar,
    filename: 'wrong.ics',
    iCalString: todo('wrong', title, 'RRULE:FREQ=MINUTELY\r\n'),
  });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('重复规则');
  const gone = await client.deleteCalendarObject({ calendarObject: { url: item?.url ?? '', etag: '' } });
  expect(gone.status).toBe(204);
  expect(await mine()).toBeUndefined();

  await page.request.delete(`/api/v1/keys/${id}`, { headers });
  expect(await client.fetchCalendars()).toEqual([]);
});
