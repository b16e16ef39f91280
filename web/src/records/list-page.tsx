export default function Page(_: { [key: string]: unknown }) {
  return null;
}
