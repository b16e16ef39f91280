// A rule as a sentence: what happens, and who hears of it when.
import { fieldOf, useLexicon } from '../api/dictionary';
import { useLabel } from '../i18n';
import { type Definition, type Step, saidOf } from './rules';
import { useRulesText } from './rules-text';

export function useRuleSentence() {
  const r = useRulesText();
  const label = useLabel();
  const { find } = useLexicon();
  const stepText = ({ to, after }: Step) => {
    const { side, count, unit } = saidOf(after);
    const amount = r.sentence.counted(Number(count.toFixed(1)), unit);
    if (side === 'at') return r.sentence.at(r.levels[to]);
    return r.sentence[side](amount, r.levels[to]);
  };
  return ({ trigger, steps, digest, urgent, in_quiet_hours }: Definition): { when: string; who: string } => {
    let when = r.sentence.task;
    if (trigger.kind === 'silence') when = r.sentence.silence(trigger.working_days);
    if (trigger.kind === 'date') {
      const object = find(trigger.object);
      const field = object && fieldOf(object, trigger.field);
      const parts = [
        r.sentence.date(object ? label(object.label) : trigger.object, field ? label(field.label) : trigger.field),
      ];
      if (trigger.yearly) parts.push(r.sentence.yearly);
      if (trigger.shift_days) parts.push(r.sentence.shifted(trigger.shift_days));
      when = parts.join(r.sentence.join);
    }
    const who = steps.length === 0 ? [r.sentence.noSteps] : steps.map(stepText);
    if (digest) who.push(r.sentence.digest);
    if (urgent) who.push(r.sentence.urgent);
    if (in_quiet_hours) who.push(r.sentence.quiet);
    return { when, who: who.join(r.sentence.join) };
  };
}
