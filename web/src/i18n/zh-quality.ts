// What a record says about its own quality. The quality centre brings its own words (quality/text.ts).
export const quality = {
  quality: {
    title: '数据质量',
    record: '资料质量',
    complete: '资料齐全',
    broken: (rule: string) => `不符合：${rule}`,
    verify: '已核实，仍然有效',
    verified: '已记下今天核实',
  },
};
