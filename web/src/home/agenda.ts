// What is to be done: open tasks by when they are due, and customers without any next step.
import { useQuery } from '@tanstack/react-query';
import { fieldOf, useObject } from '../api/dictionary';
import { queryRecords } from '../api/records';
import type { Filter, ObjectType, Rec } from '../api/types';
import { addDays, weekStart } from '../format/time';
import { type Format, useFormat } from '../format/use-format';
import { CUSTOMER_OBJECT, TASK_OBJECT } from '../shell/nav';

export type Buckets = { overdue: Rec[]; today: Rec[]; week: Rec[] };

const LIMIT = 100;

/** Sorts open tasks into 逾期, 今天 and 本周 by the company's days. */
export function bucketsOf(tasks: Rec[], format: Pick<Format, 'today' | 'dayStart'>, now: number): Buckets {
  const today = format.today();
  const tomorrow = Date.parse(format.dayStart(addDays(today, 1)));
  const midnight = Date.parse(format.dayStart(today));
  const buckets: Buckets = { overdue: [], today: [], week: [] };
  for (const task of tasks) {
    const due = Date.parse(String(task.due_at));
    // What was due earlier today is late only by hours; it stays under 今天 unless its day has passed.
    if (due < midnight) buckets.overdue.push(task);
    else if (due < tomorrow) buckets.today.push(task);
    else if (due >= now) buckets.week.push(task);
  }
  return buckets;
}

export function useTasks(task: ObjectType | undefined) {
  const format = useFormat();
  // On a Saturday "this week" would be over tomorrow: seven days ahead are always seen.
  const today = format.today();
  const end = [addDays(weekStart(today), 7), addDays(today, 3)].sort().at(-1) ?? today;
  const filter: Filter = {
    all: [
      { field: 'owner', op: 'eq', value: 'me' },
      { field: 'status', op: 'eq', value: 'open' },
      { field: 'due_at', op: 'lt', value: format.dayStart(end) },
    ],
  };
  return useQuery({
    queryKey: ['home', 'tasks', end],
    queryFn: ({ signal }) =>
      queryRecords(
        TASK_OBJECT,
        { filter, sort: ['due_at'], expand: ['customer', 'contact', 'opportunity'], limit: LIMIT },
        signal,
      ),
    enabled: task !== undefined,
  });
}

export function useUnplanned(customer: ObjectType | undefined) {
  const filter: Filter = {
    all: [
      { field: 'owner', op: 'eq', value: 'me' },
      { field: 'next_step_at', op: 'is_empty' },
      { field: 'stage', op: 'not_in', value: ['lost'] },
    ],
  };
  const usable = customer && fieldOf(customer, 'next_step_at') && fieldOf(customer, 'stage');
  return useQuery({
    queryKey: ['home', 'unplanned'],
    queryFn: ({ signal }) =>
      queryRecords(
        CUSTOMER_OBJECT,
        {
          filter,
          sort: ['last_contact_at'],
          fields: ['name', 'stage', 'tier', 'last_contact_at', 'open_amount'],
          limit: 50,
          count: 'estimate',
        },
        signal,
      ),
    enabled: usable !== undefined,
  });
}

export function useAgenda() {
  const task = useObject(TASK_OBJECT);
  const customer = useObject(CUSTOMER_OBJECT);
  const format = useFormat();
  const tasks = useTasks(task);
  const unplanned = useUnplanned(customer);
  return {
    task,
    customer,
    loading: tasks.isPending && task !== undefined,
    error: tasks.error ?? null,
    buckets: bucketsOf(tasks.data?.items ?? [], format, Date.now()),
    unplanned: unplanned.data?.items ?? [],
    unplannedCount: unplanned.data?.count ?? unplanned.data?.items.length ?? 0,
    retry: () => void tasks.refetch(),
  };
}
