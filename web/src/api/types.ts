// The server's interface as docs/interface.md tells it.

export type Label = { zh: string; en: string };

export type FieldType =
  | 'text'
  | 'long_text'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'percent'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'duration'
  | 'choice'
  | 'multi_choice'
  | 'tree'
  | 'phone'
  | 'email'
  | 'url'
  | 'address'
  | 'lookup'
  | 'user'
  | 'department'
  | 'auto_number'
  | 'formula'
  | 'rollup'
  | 'file'
  | 'image'
  | 'location'
  | 'credit_code'
  | 'id_card'
  | 'rating'
  | 'recurrence'
  | 'json';

export type Operator =
  | 'eq'
  | 'ne'
  | 'in'
  | 'not_in'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'between'
  | 'contains'
  | 'starts_with'
  | 'is_empty'
  | 'not_empty'
  | 'under'
  | 'has'
  | 'within';

export type Level = 'general' | 'business' | 'sensitive' | 'core';
export type Access = 'read' | 'write' | 'masked';
export type Layer = 'basic' | 'business' | 'behaviour' | 'analysis' | 'system';
export type AdminArea = 'users' | 'dictionary' | 'audit' | 'settings';
export type Language = 'zh' | 'en';
export type Theme = 'light' | 'dark' | 'auto';

export type Option = {
  value: string;
  label: Label;
  color?: string | null;
  retired?: boolean;
  /** Nothing more is expected of what stands here: won, lost, done. */
  closed?: boolean;
};

export type Field = {
  name: string;
  type: FieldType;
  label: Label;
  help?: Label | null;
  required: boolean;
  unique: boolean;
  level: Level;
  access: Access;
  read_only: boolean;
  computed: boolean;
  system: boolean;
  custom: boolean;
  searchable: boolean;
  sortable: boolean;
  filterable: boolean;
  operators: Operator[];
  default?: unknown;
  options?: Option[];
  reference?: string | null;
  tree?: string | null;
  scale?: number | null;
  min?: number | null;
  max?: number | null;
  min_length?: number | null;
  max_length?: number | null;
  pattern?: string | null;
  owner?: string | null;
  steward?: string | null;
  paste?: string | null;
  freshness_days?: number | null;
  /** What a formula or roll-up yields. */
  value_type?: FieldType | null;
  retired?: boolean;
  formula?: string | null;
  format?: string | null;
  /** What a roll-up counts: the records of `object` that point here by `via`. */
  rollup?: { object: string; via: string; kind: string; field?: string; by?: string } | null;
};

export type View = {
  name: string;
  label: Label;
  kind: 'table' | 'board' | 'calendar';
  filter?: Filter | null;
  sort?: (SortKey | string)[];
  columns?: string[];
  group?: string | null;
  date?: string | null;
};

export type SortKey = { field: string; desc?: boolean };

export type Section = { label: Label; fields: string[] };
/** How the fields of a form and of a record's page are laid out. */
export type Layout = { short: string[]; sections: Section[]; hidden?: string[] };
export type LayoutWhen = { field: string; values: string[] };
export type LayoutCase = Layout & { name: string; when?: LayoutWhen | null };
export type LayoutDefinition = LayoutCase & { label: Label; roles: string[] };

export type ObjectType = {
  name: string;
  label: Label;
  label_plural: Label;
  /** The name spelled in letters, in full and by initials. */
  pinyin?: string;
  help?: Label | null;
  layer: Layer;
  icon?: string | null;
  custom: boolean;
  name_field: string;
  /** Its records stand on the timelines of what they point to. */
  timeline?: boolean;
  can: { create: boolean; update: boolean; delete: boolean; import: boolean; export: boolean };
  fields: Field[];
  /** Only for those who may change the dictionary. */
  retired_fields?: Field[];
  /** What must be filled in by hand; only for those who may change the dictionary. */
  demanded?: string[] | null;
  /** What must hold when a record is saved; only for those who may change the dictionary. */
  rules?: SavingRule[] | null;
  /** When a new record is taken for one that is there; only for those who may change the dictionary. */
  duplicates?: DuplicatePolicy | null;
  /** Whose value stays when records become one; only for those who may change the dictionary. */
  merge?: MergeRules | null;
  views: View[];
  layout: Layout & { card: string[] };
  /** For some stages, as far as they are meant for the caller; the first that fits counts. */
  layouts?: LayoutCase[];
  /** Every one of them, for those who may change the dictionary. */
  all_layouts?: LayoutDefinition[];
  related: { object: string; via: string; label: Label }[];
};

export type Dictionary = { version: number | string; objects: ObjectType[]; trees: string[] };

export type TreeItem = { code: string; name: string; parent: string | null; leaf: boolean };

export type Ref = { id: string; name: string | null };
/** A file in an expanded field; without a name its content is gone. */
export type NamedFile = { id: string; name: string | null; media_type?: string; size?: number };
export type Address = { region?: string | null; detail?: string | null; text?: string | null };
export type Location = { lat: number; lng: number };

export type Rec = {
  id: string;
  version: number;
  created_at?: string;
  updated_at?: string;
  _masked?: string[];
  _can?: { update: boolean; delete: boolean; share: boolean };
  [field: string]: unknown;
};

export type Leaf = { field: string; op: Operator; value?: unknown };
export type Filter = { all: Filter[] } | { any: Filter[] } | { not: Filter } | Leaf;

export type Page<T> = { items: T[]; next_cursor: string | null; count?: number | null; count_exact?: boolean };

export type Query = {
  filter?: Filter | null;
  sort?: string[];
  fields?: string[];
  expand?: string[];
  limit?: number;
  cursor?: string | null;
  count?: 'exact' | 'estimate';
  deleted?: 'only';
};

export type FieldFault = { field: string; code: string; message: string };

export type Candidate = {
  id: string;
  name: string;
  owner: Ref | string | null;
  verdict: 'block' | 'warn' | 'hint';
  reasons: { field: string; text: string }[];
  readable: boolean;
};

export type FieldChange = { field: string; label?: Label | string | null; before: unknown; after: unknown };

export type Change = {
  id: string;
  at: string;
  by: (Ref & { kind?: string }) | null;
  via?: string | null;
  op: string;
  changes: FieldChange[];
};

export type AuditItem = Change & {
  object?: string | null;
  record_id?: string | null;
  title?: string | null;
  details?: { ip?: string; agent?: string } | null;
};

export type TimelineItem = {
  id: string;
  at: string;
  kind: string;
  object: string;
  record_id: string;
  by: Ref | null;
  title?: string | null;
  text?: string | null;
  fields?: Record<string, unknown>;
  changes?: FieldChange[];
};

export type Related = { object: string; via: string; label: Label; items: Rec[]; count: number | null; more: boolean };
export type Overview = {
  record: Rec;
  related: Related[];
  timeline: Page<TimelineItem>;
  quality?: import('../quality/queries').RecordQuality | null;
};

export type SearchItem = {
  object: string;
  id: string;
  title: string;
  subtitle?: string | null;
  matched?: { field: string; text: string } | null;
};

export type Session = {
  user: {
    id: string;
    name: string;
    login: string;
    department: Ref | null;
    roles: Ref[];
    language: Language | null;
    theme: Theme | null;
  };
  /** Who looks as this user; none when they do so themselves. */
  seen_by?: Ref | null;
  csrf: string;
  admin: AdminArea[];
  company: { name: string; timezone: string; currency: string; logo?: string | null };
  demo: boolean;
  must_change_password?: boolean;
  must_set_up_totp?: boolean;
  /** Whether somebody is below this person. */
  leads?: boolean;
};

export type SessionItem = {
  id: string;
  created_at: string;
  seen_at: string;
  ip: string | null;
  agent: string | null;
  current: boolean;
};
/** CEL over a record's own fields: where it is false the record is not saved. */
export type Strength = 'hint' | 'warn' | 'block';
export type DuplicatePolicy = {
  /** Fields of which the same value alone says it. */
  keys: { field: string; kind: string; strength: Strength }[];
  /** What happens by how sure the comparison is and where the record comes from. */
  policy: {
    tier: 'certain' | 'likely' | 'possible';
    channel: 'page' | 'api' | 'import' | 'cli';
    then?: Strength | null;
  }[];
};
export type Survivor =
  | 'winner'
  | 'newest'
  | 'oldest'
  | 'complete'
  | 'highest'
  | 'lowest'
  | 'union'
  | 'source'
  | 'order';
export type MergeRules = {
  default: Survivor;
  rules?: { field: string; rule: Survivor; order?: string[] }[];
  /** The field that says where a record came from, the most trusted first. */
  source?: { field: string; order: string[] } | null;
};
export type SavingRule = { name: string; check: string; field: string | null; message: Label };

export type KeyItem = {
  id: string;
  name: string;
  scopes: string[];
  expires_at: string | null;
  created_at: string;
  last_used_at: string | null;
  /** Whose it is, where the keys of several people are listed. */
  user?: { id: string; name: string | null };
};

export type ImportState =
  | 'draft'
  | 'checking'
  | 'checked'
  | 'running'
  | 'done'
  | 'cancelled'
  | 'failed'
  | 'undoing'
  | 'undone';

export type Import = {
  id: string;
  object: string;
  file_name: string;
  state: ImportState;
  created_at: string;
  created_by: Ref | string | null;
  sheets: { index: number; name: string; rows: number; hidden: boolean; refusal?: string | null }[];
  sheet: number;
  header_row: number;
  columns: { index: number; title: string; samples: string[]; field: string | null; guess_confidence: number | null }[];
  mode: 'create' | 'update' | 'upsert';
  key: string | null;
  on_duplicate: 'skip' | 'create';
  preview: { row: number; values: Record<string, string>; faults: ImportFault[] }[];
  progress: { done: number; total: number; created: number; updated: number; skipped: number; failed: number };
  report: {
    rows: number;
    valid: number;
    faulty: number;
    completeness: number;
    validity: number;
    duplicates: number;
    fields: { field: string; filled: number; valid: number }[];
    faults: { row: number; column: string | number; title: string; message: string }[];
  } | null;
  message: string | null;
};

export type ImportFault = { column: number | string; field: string | null; code: string; message: string };

export type Scope = 'none' | 'own' | 'department' | 'department_tree' | 'all' | { filter: Filter };
export type FieldAccess = 'hidden' | 'masked' | 'read' | 'write';
export type Levels = Record<Level, FieldAccess>;

export type ObjectPermissions = {
  read: Scope;
  create: boolean;
  update: Scope;
  delete: Scope;
  import: boolean;
  export: boolean;
  share: boolean;
  levels: Levels;
  fields: Record<string, FieldAccess>;
  beyond?: { scope: Scope; levels: Levels } | null;
};

export type Permissions = { admin: AdminArea[]; objects: Record<string, ObjectPermissions> };

export type BatchResult = { status: number; id?: string; version?: number; problem?: Problem };

export type Problem = {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  errors?: FieldFault[];
  current?: Rec;
  candidates?: Candidate[];
};
