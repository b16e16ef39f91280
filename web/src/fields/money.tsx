import { currencySymbol } from '../format/number';
import { useFormat } from '../format/use-format';
import { useSession } from '../session/session';
import { checkNumber } from './decimal';
import type { EditProps, FieldKind, ViewProps } from './kind';
import { NumberInput } from './number-input';

function View({ value, compact }: ViewProps) {
  const format = useFormat();
  const number = Number(value);
  const exact = format.fullMoney(number);
  return <span title={exact}>{compact ? format.money(number) : exact}</span>;
}

function Edit(props: EditProps) {
  const { company } = useSession();
  return <NumberInput {...props} prefix={currencySymbol(company.currency || 'CNY')} />;
}

export const money: FieldKind = { View, Edit, width: 112, alignEnd: true, check: checkNumber };
