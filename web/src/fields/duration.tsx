import { useFormat } from '../format/use-format';
import { useI18n } from '../i18n';
import { checkNumber } from './decimal';
import type { EditProps, FieldKind, ViewProps } from './kind';
import { NumberInput } from './number-input';

function View({ value }: ViewProps) {
  const format = useFormat();
  return <span>{format.minutes(Number(value))}</span>;
}

function Edit(props: EditProps) {
  const { language } = useI18n();
  return <NumberInput {...props} suffix={language === 'zh' ? '分钟' : 'min'} />;
}

export const duration: FieldKind = { View, Edit, width: 96, alignEnd: true, check: checkNumber };
