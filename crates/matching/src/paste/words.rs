//! Word lists. They are read in simplified characters, lower case and half width.

use super::Role;
use super::labels::Label::{self, Anybody, Known, Lawful, Of, Other, Region};

/// Words before a value. The longest that fits counts.
#[rustfmt::skip]
pub(super) const LABELS: &[(&str, Label)] = &[
    ("公司名称", Of(Role::Customer)), ("公司全称", Of(Role::Customer)), ("公司名", Of(Role::Customer)),
    ("公司", Of(Role::Customer)), ("企业名称", Of(Role::Customer)), ("企业", Of(Role::Customer)),
    ("单位名称", Of(Role::Customer)), ("单位全称", Of(Role::Customer)), ("单位", Of(Role::Customer)),
    ("客户单位", Of(Role::Customer)), ("工作单位", Of(Role::Customer)), ("厂名", Of(Role::Customer)),
    ("店名", Of(Role::Customer)), ("付款单位", Of(Role::Customer)), ("购方名称", Of(Role::Customer)),
    ("采购方", Of(Role::Customer)), ("甲方", Of(Role::Customer)), ("乙方", Of(Role::Customer)),
    ("名称", Of(Role::Customer)), ("抬头", Of(Role::Customer)), ("发票抬头", Of(Role::Customer)),
    ("company name", Of(Role::Customer)), ("company", Of(Role::Customer)),
    ("organization", Of(Role::Customer)), ("organisation", Of(Role::Customer)), ("客户名称", Anybody),
    ("客户名", Anybody), ("客户", Anybody), ("新客户", Anybody), ("customer", Anybody),
    ("联系人姓名", Of(Role::Contact)), ("客户联系人", Of(Role::Contact)), ("采购联系人", Of(Role::Contact)),
    ("联系人", Of(Role::Contact)), ("联系", Of(Role::Contact)), ("客户姓名", Of(Role::Contact)),
    ("顾客姓名", Of(Role::Contact)), ("收货人", Of(Role::Contact)), ("收件人", Of(Role::Contact)),
    ("姓名", Of(Role::Contact)), ("称呼", Of(Role::Contact)), ("对接人", Of(Role::Contact)),
    ("对接", Of(Role::Contact)), ("负责人", Of(Role::Contact)), ("经办人", Of(Role::Contact)), ("法定代表人", Lawful),
    ("法人代表", Lawful), ("法人", Lawful), ("发件人", Of(Role::Contact)), ("老板", Of(Role::Contact)),
    ("房东", Of(Role::Contact)), ("销售", Of(Role::Contact)), ("name", Of(Role::Contact)),
    ("contact person", Of(Role::Contact)), ("contact name", Of(Role::Contact)),
    ("contact", Of(Role::Contact)), ("attn", Of(Role::Contact)), ("to", Of(Role::Contact)),
    ("sales", Of(Role::Contact)), ("职位", Of(Role::Title)), ("职务", Of(Role::Title)), ("职称", Of(Role::Title)),
    ("岗位", Of(Role::Title)), ("title", Of(Role::Title)), ("job title", Of(Role::Title)),
    ("position", Of(Role::Title)), ("部门", Of(Role::Department)), ("所在部门", Of(Role::Department)),
    ("科室", Of(Role::Department)), ("dept", Of(Role::Department)), ("department", Of(Role::Department)),
    ("公司地址", Of(Role::Address)), ("单位地址", Of(Role::Address)), ("注册地址", Of(Role::Address)),
    ("详细地址", Of(Role::Address)), ("收件地址", Of(Role::Address)), ("收货地址", Of(Role::Address)),
    ("客户地址", Of(Role::Address)), ("联系地址", Of(Role::Address)), ("办公地址", Of(Role::Address)),
    ("地址", Of(Role::Address)), ("住址", Of(Role::Address)), ("address", Of(Role::Address)),
    ("addr", Of(Role::Address)), ("add", Of(Role::Address)), ("所在地区", Region), ("所在地", Region), ("地区", Region),
    ("省市", Region), ("城市", Region), ("客户需求", Of(Role::Need)), ("需求描述", Of(Role::Need)),
    ("采购需求", Of(Role::Need)), ("需求产品", Of(Role::Need)), ("意向产品", Of(Role::Need)), ("需求", Of(Role::Need)),
    ("产品", Of(Role::Need)), ("留言内容", Of(Role::Need)), ("留言", Of(Role::Need)), ("咨询内容", Of(Role::Need)),
    ("想了解", Of(Role::Need)), ("requirements", Of(Role::Need)), ("requirement", Of(Role::Need)),
    ("inquiry", Of(Role::Need)), ("message", Of(Role::Need)), ("备注信息", Of(Role::Note)),
    ("备注", Of(Role::Note)), ("remark", Of(Role::Note)), ("note", Of(Role::Note)), ("联系电话", Known),
    ("手机号码", Known), ("手机号", Known), ("手机", Known), ("移动电话", Known), ("电话号码", Known), ("电话", Known),
    ("固话", Known), ("座机", Known), ("办公电话", Known), ("公司电话", Known), ("直线", Known), ("总机", Known), ("前台", Known),
    ("联系方式", Known), ("收件电话", Known), ("顾客手机", Known), ("热线", Known), ("客服电话", Known), ("新号码", Known),
    ("tel", Known), ("telephone", Known), ("phone", Known), ("mobile", Known), ("mob", Known), ("cell", Known),
    ("whatsapp", Known), ("m", Known), ("t", Known), ("p", Known), ("e", Known), ("w", Known), ("f", Other),
    ("邮箱", Known), ("电子邮箱", Known), ("电子邮件", Known), ("邮件", Known), ("信箱", Known), ("e-mail", Known),
    ("email", Known), ("mail", Known), ("网址", Known), ("官网", Known), ("公司网址", Known), ("网站", Known),
    ("website", Known), ("web", Known), ("homepage", Known), ("url", Known), ("微信号", Known), ("微信", Known),
    ("wechat", Known), ("vx", Known), ("wx", Known), ("统一社会信用代码", Known), ("社会信用代码", Known), ("信用代码", Known),
    ("税号", Known), ("纳税人识别号", Known), ("税务登记号", Known), ("传真", Other), ("fax", Other), ("邮编", Other),
    ("zip", Other), ("开户行", Other), ("开户银行", Other), ("开户行及账号", Other), ("账号", Other), ("账户", Other),
    ("对公账户", Other), ("银行账号", Other), ("qq", Other), ("日期", Other), ("时间", Other), ("来源", Other),
    ("客户来源", Other), ("预算", Other), ("客户编号", Other), ("编号", Other), ("数量", Other), ("微信昵称", Other),
    ("昵称", Other), ("网名", Other), ("性别", Other),
];

/// Labels that a name may follow without anything between.
pub(super) const GLUED_LABELS: [&str; 4] = ["联系人", "对接人", "经办人", "负责人"];

/// Marks of an organisation's name wherever they stand in it, with how sure they make it.
#[rustfmt::skip]
pub(super) const ORGANISATIONS: [(&str, u8); 27] = [
    ("有限公司", 95), ("有限责任公司", 95), ("股份公司", 95), ("分公司", 92), ("公司", 85), ("集团", 80), ("合作社", 85), ("合伙企业", 88),
    ("事务所", 88), ("研究院", 82), ("研究所", 84), ("工作室", 84), ("门市部", 84), ("经营部", 84), ("批发部", 84), ("门诊部", 84),
    ("商行", 80), ("医院", 82), ("幼儿园", 84), ("大学", 80), ("学校", 80), ("学院", 80), ("酒店", 78), ("商贸城", 76), ("模具厂", 82),
    ("电子厂", 82), ("银行", 80),
];

/// Ends of an organisation's name.
#[rustfmt::skip]
pub(super) const WEAK_ORGANISATIONS: [&str; 24] = [
    "厂", "中心", "店", "馆", "庄", "茶社", "社", "场", "超市", "商城", "数码城", "城", "基地", "行", "铺", "院", "园", "坊", "阁", "楼", "协会",
    "学会", "厅", "局",
];

/// Trades at the end of a name that leaves the legal form out.
#[rustfmt::skip]
pub(super) const TRADES: [&str; 44] = [
    "科技", "电子", "木业", "药业", "机械", "传媒", "物流", "建材", "食品", "铸造", "精密铸造", "家具", "装饰", "贸易", "纺织", "化工", "能源", "环保",
    "服饰", "陶瓷", "茶业", "酒业", "乳业", "水务", "重工", "软件", "信息", "网络", "医疗", "生物", "置业", "地产", "餐饮", "印务", "包装", "塑胶",
    "五金", "电气", "电器", "汽配", "光电", "智能", "游戏", "照明",
];

/// 我们公司, 一家公司.
#[rustfmt::skip]
pub(super) const NO_COMPANIES: [&str; 10] = [
    "我们公司", "贵公司", "本公司", "我公司", "他们公司", "一家公司", "这家公司", "公司全称", "母公司", "子公司",
];

pub(super) const BRANCHES: [&str; 5] = ["分公司", "办事处", "分部", "营业部", "代表处"];

/// What departments do; 部, 科, 处, 中心 … follows.
#[rustfmt::skip]
pub(super) const DEPARTMENTS: [&str; 66] = [
    "采购", "销售", "市场", "技术", "财务", "人事", "人力资源", "行政", "生产", "质量", "质检", "品控", "研发", "设备", "工程", "物资", "仓储", "信息",
    "产品", "运营", "客服", "售后", "外贸", "航运", "供应链管理", "供应链", "营销", "大客户", "设计", "器材", "绿化", "试飞", "法务", "审计", "企划", "策划",
    "商务", "业务", "国际", "海外", "电商", "渠道", "项目", "安全", "环保", "工艺", "维修", "动力", "储运", "物流", "总经理", "总经办", "董事会", "综合",
    "后勤", "数据", "招商", "拓展", "预订", "供应", "网络", "投资", "证券", "培训", "教学", "客户",
];

/// Ends of titles.
#[rustfmt::skip]
pub(super) const TITLES: [&str; 62] = [
    "总经理", "副总经理", "经理", "总监", "总裁", "主任", "主管", "专员", "工程师", "设计师", "助理", "秘书", "董事长", "董事", "厂长", "院长", "校长",
    "园长", "馆长", "部长", "科长", "处长", "局长", "店长", "所长", "站长", "队长", "组长", "会长", "社长", "理事长", "书记", "教授", "副教授", "讲师",
    "研究员", "顾问", "代表", "业务员", "采购员", "销售员", "文员", "会计", "出纳", "律师", "合伙人", "创始人", "负责人", "总编", "编辑", "制作人", "老板",
    "法人", "副总", "总工", "总工程师", "技术员", "班长", "村长", "分析师", "架构师", "经济师",
];

/// After a surname: a form of address.
#[rustfmt::skip]
pub(super) const HONORIFICS: [&str; 34] = [
    "总", "工", "先生", "女士", "小姐", "太太", "夫人", "老师", "师傅", "经理", "主任", "科长", "处长", "部长", "局长", "厂长", "院长", "校长", "店长",
    "老板", "会计", "主管", "总监", "教授", "博士", "医生", "律师", "董", "总经理", "董事长", "副总", "同学", "阿姨", "警官",
];

/// Surnames of one character: the four hundred commonest in today's China and a few rarer ones.
pub(super) const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏\
    钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍\
    韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂\
    闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝\
    都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥保和蔺仓元巴麦庾巢祖闻那粟雍暨肖闫付代涂尚兰阚柴由欧扈冶敬尉储\
    修郦国仝占宣幸楼晁门肇桓嵇幺帅占缪曲古利沃邝满匡能厉戎豆逄辜危束瓮亓牧籍门邰禹苟荣师鹿水茅郏公简於乌斯次古";

/// What begins like a name and is none.
#[rustfmt::skip]
pub(super) const NO_NAMES: [&str; 125] = [
    "您好", "你好", "谢谢", "手机", "电话", "方便", "高级", "安装", "时间", "和你", "马上", "明天", "任何", "关于", "全部", "应该", "文化", "商务",
    "金额", "项目", "包装", "单位", "解决", "温馨", "姓名", "仓库", "平台", "计划", "公司", "公里", "向您", "国际", "国内", "能否", "能不", "成为",
    "成本", "明白", "明年", "花园", "连接", "那个", "那边", "和我", "台湾", "祝您", "祝好", "都是", "都在", "全国", "全款", "来电", "来自", "来源",
    "时候", "景区", "冷库", "车间", "车辆", "水泵", "水泥", "石材", "木材", "木门", "门窗", "黄金", "白色", "银行", "银色", "金属", "万元", "万以",
    "平方", "包括", "应用", "保证", "保修", "元起", "单价", "单独", "师傅", "高端", "高效", "强电", "边上", "常规", "经常", "于是", "左右", "司机",
    "房东", "文档", "文件", "意向", "询盘", "客户", "安全", "常务", "党委", "单证", "支部", "时尚", "仓储", "华东", "华南", "华北", "应收", "应付",
    "金融", "康复", "石油", "水电", "雷达", "海关", "商品", "客服", "开票", "信息", "资料", "名片", "地址", "备注", "联系", "询价", "我司",
];

/// Taken off the front of a token.
#[rustfmt::skip]
pub(super) const FILLERS_BEFORE: [&str; 45] = [
    "您好", "你好", "你们好", "大家好", "请问一下", "请问", "请联系我司", "请联系", "请致电", "联系人是", "对接人是", "对接人", "联系人", "负责人", "现场负责人",
    "经办人", "我的手机", "我的电话", "我的微信", "我的", "的", "我叫", "对方叫", "对方是", "这里是", "联系方式", "手机号", "手机", "电话", "邮箱", "微信",
    "名片", "方便的话", "谢谢", "以下是", "新客户", "发件人", "群里认识", "海外客户", "职务是", "职务", "职位", "姓名", "安排", "麻烦转",
];

/// Taken off the end of a token.
#[rustfmt::skip]
pub(super) const FILLERS_AFTER: [&str; 32] = [
    "手机号码", "手机号是", "手机号", "手机", "电话号码", "电话是", "我的电话", "我电话", "联系电话", "电话", "联系方式", "我的微信号是", "我的微信", "微信号是",
    "微信号", "微信", "加我微信", "邮箱是", "邮箱", "请致电", "致电", "座机", "传真", "这边", "那个", "那边", "的", "或", "是", "我", "您好", "你好",
];

/// What leads to a name; the last of them counts.
pub(super) const INTROS: [&str; 9] = ["我是", "是", "来自", "我叫", "名叫", "叫", "我司", "真名", "负责人"];

/// Marks of a request.
#[rustfmt::skip]
pub(super) const NEEDS: [&str; 32] = [
    "需要", "想要", "想买", "想问", "想了解", "想咨询", "了解一下", "想找", "想做", "想谈", "咨询", "询价", "求购", "计划采购", "要采购", "想采购", "采购一批",
    "报价", "报个价", "报一下价", "多少钱", "希望", "打算", "要订", "要换", "要买", "订购", "有没有", "能不能做", "意向采购", "感兴趣", "想上",
];

/// Legal forms of names in Latin letters, lower case.
#[rustfmt::skip]
pub(super) const LATIN_FORMS: [&str; 26] = [
    "co., ltd", "co.,ltd", "co. ltd", "co ltd", "company limited", "pte. ltd", "pte ltd", "pty ltd", "limited",
    "ltd", "incorporated", "inc", "corporation", "corp", "llc", "llp", "gmbh", "plc", "s.r.l", "s.a", "ag", "jsc",
    "b.v", "oy", "sdn. bhd", "sdn bhd",
];

#[rustfmt::skip]
pub(super) const LATIN_TITLES: [&str; 48] = [
    "manager", "director", "ceo", "cto", "cfo", "coo", "cmo", "cio", "engineer", "president", "founder",
    "cofounder", "executive", "representative", "head", "officer", "merchandiser", "consultant", "assistant",
    "secretary", "buyer", "chief", "vp", "supervisor", "specialist", "accountant", "hrbp", "hr", "partner",
    "owner", "coordinator", "analyst", "designer", "architect", "developer", "lead", "principal", "professor",
    "chairman", "chairwoman", "gm", "pm", "administrator", "planner", "advisor", "clerk", "technician", "agent",
];

#[rustfmt::skip]
pub(super) const STREETS: [&str; 26] = [
    "street", "st", "road", "rd", "avenue", "ave", "floor", "room", "unit", "building", "bldg", "blvd",
    "boulevard", "lane", "park", "square", "plaza", "tower", "drive", "district", "highway", "court", "suite",
    "centre", "central", "way",
];

/// Capitalised words of mails that no name is made of.
#[rustfmt::skip]
pub(super) const NO_NAMES_LATIN: [&str; 34] = [
    "regards", "best", "kind", "thanks", "thank", "dear", "sir", "madam", "from", "sent", "hello", "hi", "please",
    "yours", "sincerely", "faithfully", "cheers", "my", "we", "the", "our", "your", "iphone", "android",
    "outlook", "team", "all", "building", "road", "street", "tel", "fax", "china", "group",
];
