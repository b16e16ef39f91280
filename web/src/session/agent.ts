/** Browser and system out of a User-Agent header, as people call them. */
export function readAgent(agent: string | null): { browser: string; system: string } | null {
  if (!agent) return null;
  const browsers: [RegExp, string][] = [
    [/MicroMessenger/, '微信 WeChat'],
    [/DingTalk/, '钉钉 DingTalk'],
    [/wxwork/i, '企业微信 WeCom'],
    [/Feishu|Lark/, '飞书 Feishu'],
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ];
  const systems: [RegExp, string][] = [
    [/HarmonyOS/, 'HarmonyOS'],
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ];
  const browser = browsers.find(([pattern]) => pattern.test(agent))?.[1];
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  return browser || system
    ? { browser: browser ?? '?', system: system ?? '?' }
    : { browser: agent.slice(0, 40), system: '' };
}
