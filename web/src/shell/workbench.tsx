import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { loadPopupsWhenIdle } from '../ui/load-popups';
import { useLiveChanges } from './live';
import { router } from './router';

export default function Workbench() {
  useLiveChanges();
  useEffect(loadPopupsWhenIdle, []);
  return <RouterProvider router={router} />;
}
