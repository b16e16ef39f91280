import { useT } from '../i18n';
import { Dialog } from '../ui/dialog';
import { useKeyboardText } from './keyboard-text';

export default function KeyboardSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const k = useKeyboardText();
  const groups: [string, [string[], string][]][] = [
    [
      k.anywhere,
      [
        [['Ctrl', 'K'], k.palette],
        [['L'], k.log],
        [['C'], k.create],
        [['?'], k.help],
        [['Esc'], k.escape],
        [['Ctrl', '↵'], k.save],
      ],
    ],
    [
      k.go,
      [
        [['G', 'H'], k.goHome],
        [['G', 'C'], k.goCustomers],
        [['G', 'P'], k.goContacts],
        [['G', 'O'], k.goOpportunities],
        [['G', 'T'], k.goTasks],
      ],
    ],
    [
      k.list,
      [
        [['/'], k.find],
        [['F'], k.filter],
        [['J'], k.down],
        [['K'], k.up],
        [['X'], k.select],
        [['Space'], k.peek],
        [['Enter'], k.open],
        [['E'], k.edit],
      ],
    ],
    [
      t.show.board,
      [
        [['Space'], t.viewKeys.lift],
        [['←', '→'], t.viewKeys.columns],
        [['↑', '↓'], t.viewKeys.cards],
      ],
    ],
    [
      t.show.calendar,
      [
        [['T'], t.calendar.today],
        [['D'], t.calendar.spans.day],
        [['W'], t.calendar.spans.week],
        [['M'], t.calendar.spans.month],
        [['Space'], t.viewKeys.lift],
      ],
    ],
  ];
  return (
    <Dialog open onClose={onClose} title={k.title} className="md:w-[640px]!">
      <div className="grid md:grid-cols-3 gap-6">
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h2 className="text-xs text-ink-3 mb-1">{title}</h2>
            <dl className="flex flex-col">
              {rows.map(([combination, text]) => (
                <div key={text} className="flex items-center justify-between h-8 gap-3">
                  <dt className="text-ink-2">{text}</dt>
                  <dd className="flex gap-1">
                    {combination.map((key) => (
                      <kbd
                        key={key}
                        className="min-w-5 h-5 px-1 grid place-items-center rounded-sm border border-line bg-sunken text-xs font-sans"
                      >
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
