import { low } from './en-words';
import type { quality as Zh } from './zh-quality';

export const quality: typeof Zh = {
  quality: {
    title: 'Data quality',
    record: 'Data quality',
    complete: 'Nothing is missing',
    broken: (rule: string) => `Not so: ${low(rule)}`,
    verify: 'Checked, still right',
    verified: 'Noted as checked today',
  },
};
