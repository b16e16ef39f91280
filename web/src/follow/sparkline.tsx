// A line over days, small enough to stand beside its figure.
export function Sparkline({ values, label, className }: { values: number[]; label: string; className?: string }) {
  const [width, height] = [240, 48];
  const most = Math.max(1, ...values);
  const x = (index: number) => (values.length < 2 ? width : (index / (values.length - 1)) * width);
  const y = (value: number) => height - (value / most) * height;
  const line = values.map((value, index) => `${x(index)},${y(value)}`).join(' ');
  return (
    <svg
      viewBox={`0 -2 ${width} ${height + 4}`}
      role="img"
      aria-label={label}
      className={className}
      preserveAspectRatio="none"
    >
      <polygon points={`0,${height} ${line} ${width},${height}`} fill="currentColor" opacity={0.08} />
      <polyline points={line} fill="none" stroke="currentColor" strokeWidth={2} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
