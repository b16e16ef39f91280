import { RouterProvider } from '@tanstack/react-router';
import { useLiveChanges } from './live';
import { router } from './router';

export default function Workbench() {
  useLiveChanges();
  return <RouterProvider router={router} />;
}
