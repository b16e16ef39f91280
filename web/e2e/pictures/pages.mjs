// What is worth looking at. `then` brings the page into the state of the picture.
export const PAGES = [
  { name: 'home', path: '/' },
  { name: 'customers', path: '/o/customer' },
  { name: 'board', path: '/o/opportunity', login: 'admin' },
  { name: 'board-lanes', path: '/o/opportunity?lane=owner', login: 'admin' },
  { name: 'tasks-board', path: '/o/task?view=board', login: 'admin' },
  { name: 'calendar', path: '/o/task?view=calendar&team=all', login: 'manager' },
  { name: 'calendar-week', path: '/o/task?view=calendar&span=week&team=all', login: 'manager' },
  { name: 'calendar-agenda', path: '/o/interaction?view=calendar&span=agenda&day=2026-11-10', login: 'sales1' },
];
