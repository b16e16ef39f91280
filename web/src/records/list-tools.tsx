// The tools of a list that are not needed for its first rows: columns, order, how it is shown.
import type { ObjectType } from '../api/types';
import { useWide } from '../ui/use-media';
import { BoardOptions, CalendarOptions, ViewKindMenu } from '../views/view-options';
import ColumnsMenu from './columns-menu';
import type { ListState } from './list-state';
import SortMenu from './sort-menu';

export default function ListTools({ object, state }: { object: ObjectType; state: ListState }) {
  const wide = useWide();
  return (
    <>
      {state.kind !== 'calendar' && <SortMenu object={object} state={state} />}
      {wide && <ColumnsMenu object={object} state={state} />}
      {state.kind === 'board' && <BoardOptions object={object} state={state} />}
      {state.kind === 'calendar' && <CalendarOptions object={object} state={state} />}
      <ViewKindMenu object={object} state={state} />
    </>
  );
}
