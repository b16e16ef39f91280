import { full } from '../format/number';
import { checkNumber } from './decimal';
import type { EditProps, FieldKind, ViewProps } from './kind';
import { NumberInput } from './number-input';

function View({ value }: ViewProps) {
  return <span>{full(Number(value), 2)}%</span>;
}

function Edit(props: EditProps) {
  return <NumberInput {...props} suffix="%" />;
}

export const percent: FieldKind = { View, Edit, width: 80, alignEnd: true, check: checkNumber };
