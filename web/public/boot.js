// Runs before the first paint: language and colours as last chosen on this device.
(() => {
  const root = document.documentElement;
  let theme = 'auto';
  let language = (navigator.language || 'zh').toLowerCase().startsWith('zh') ? 'zh' : 'en';
  try {
    theme = localStorage.getItem('huike.theme') || theme;
    language = localStorage.getItem('huike.language') || language;
  } catch {
    // Storage may be closed (private window); the defaults above stand.
  }
  const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.classList.toggle('dark', dark);
  root.lang = language === 'en' ? 'en' : 'zh-CN';
})();
