// What is worth looking at. `then` brings the page into the state of the picture.
export const PAGES = [
  { name: 'home', path: '/' },
  { name: 'customers', path: '/o/customer' },
  { name: 'board', path: '/o/opportunity', login: 'admin' },
  { name: 'board-lanes', path: '/o/opportunity?lane=owner', login: 'admin' },
  { name: 'tasks-board', path: '/o/task?view=board', login: 'admin' },
];
