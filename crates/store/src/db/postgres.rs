//! One PostgreSQL connection, driven by the thread that uses it.
//!
//! Each connection has its own single-threaded runtime, and a call polls the request and the socket
//! together. So a statement costs no hand-over between threads, and a job is plain synchronous code.
//! BEGIN travels together with the first statement of a job; until that has been answered nothing can
//! have happened, so a connection that turns out to be dead is replaced there without the job noticing.

use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{join, join_all, join3};
use lru::LruCache;
use tokio::runtime::Runtime;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Connection, NoTls, Socket, Statement};

use crate::db::Options;
use crate::db::postgres_types::{decode, is_fatal, pg_error};
use crate::newest::Reaches;
use crate::row::Row;
use crate::{Sql, SqlValue, StoreError};

/// For the rest of a transaction, or until [`USUAL_PLANS`].
pub(crate) const FIXED_PLANS: &str = "set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; \
    set local max_parallel_workers_per_gather = 0";
pub(crate) const USUAL_PLANS: &str = "set local plan_cache_mode to default; set local enable_seqscan to default; \
    set local max_parallel_workers_per_gather to default";

const CACHED_STATEMENTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);
/// Rows handed to the caller of `query_each` per turn.
const ROWS_PER_TURN: usize = 256;

/// How to connect, and what a connection shares with the others of its store.
pub(crate) struct PgSettings {
    config: tokio_postgres::Config,
    /// Added to PostgreSQL's transaction numbers, which start anew in a restored cluster.
    pub(crate) tx_base: AtomicI64,
    pub(crate) reaches: Reaches,
}

impl PgSettings {
    pub(crate) fn new(url: &str, options: &Options) -> Result<Self, StoreError> {
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|_| StoreError::unavailable("the PostgreSQL URL cannot be read"))?;
        if config.get_application_name().is_none() {
            config.application_name("huike");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.keepalives_idle(Duration::from_secs(60));
        // To compile a statement takes longer than to run any of ours. Whoever names the database may say otherwise.
        let mut flags = format!("-c jit=off {}", config.get_options().unwrap_or_default());
        if let Some(limit) = options.statement_timeout {
            flags.push_str(&format!(" -c statement_timeout={}", limit.as_millis()));
        }
        flags.push_str(" -c idle_in_transaction_session_timeout=600000 -c client_min_messages=warning");
        config.options(flags.trim());
        Ok(Self { config, tx_base: AtomicI64::new(0), reaches: Reaches::default() })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tx {
    None,
    /// Started by the job, BEGIN not sent yet.
    Due(Mode),
    Open,
}

/// The end of a read: sent, its answer not waited for.
type Ending = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;
type Begin = Pin<Box<dyn Future<Output = Result<Option<i64>, tokio_postgres::Error>> + Send>>;

pub(crate) struct PgConn {
    settings: Arc<PgSettings>,
    link: Link,
    statements: LruCache<Box<str>, Statement>,
    tx: Tx,
    tx_number: Option<i64>,
    ending: Option<Ending>,
    lost: bool,
}

/// The socket side: the client, the connection it talks through, and the runtime that drives both.
struct Link {
    client: Arc<Client>,
    connection: Option<Connection<Socket, NoTlsStream>>,
    runtime: Option<Runtime>,
    tx_statement: Statement,
    /// The server said that it ends this connection.
    dead: bool,
}

impl Drop for Link {
    fn drop(&mut self) {
        // A plain drop would block, which a caller inside an async runtime must not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Link {
    fn open(config: &tokio_postgres::Config) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| StoreError::unavailable(format!("no runtime for a connection: {}", e.kind())))?;
        let (client, connection) = runtime.block_on(config.connect(NoTls)).map_err(|e| pg_error(&e))?;
        let client = Arc::new(client);
        let mut connection = Some(connection);
        let prepare = client.prepare("select cast(cast(pg_current_xact_id() as text) as bigint)");
        let tx_statement = drive(&runtime, &mut connection, prepare).map_err(|e| pg_error(&e))?;
        Ok(Self { client, connection, runtime: Some(runtime), tx_statement, dead: false })
    }

    /// Runs a request to its end while moving the socket.
    fn run<T>(
        &mut self,
        request: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        let Some(runtime) = &self.runtime else {
            return Err(StoreError::unavailable("the connection is closed"));
        };
        drive(runtime, &mut self.connection, request).map_err(|e| {
            self.dead |= is_fatal(&e);
            pg_error(&e)
        })
    }

    /// Puts a request on the wire and returns at once with what will hear the answer; with nothing when
    /// the connection is gone.
    fn send(&mut self, mut request: Ending) -> Option<Ending> {
        let runtime = self.runtime.as_ref()?;
        let connection = &mut self.connection;
        let waits = runtime.block_on(std::future::poll_fn(|cx| {
            let waits = request.as_mut().poll(cx).is_pending();
            if let Some(open) = connection
                && Pin::new(open).poll(cx).is_ready()
            {
                *connection = None;
            }
            Poll::Ready(waits)
        }));
        (waits && self.connection.is_some()).then_some(request)
    }
}

fn drive<T>(
    runtime: &Runtime,
    connection: &mut Option<Connection<Socket, NoTlsStream>>,
    request: impl Future<Output = T>,
) -> T {
    let mut request = pin!(request);
    runtime.block_on(std::future::poll_fn(|cx| {
        // The request first: it queues what the connection then sends.
        if let Poll::Ready(done) = request.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if let Some(open) = connection
            && Pin::new(open).poll(cx).is_ready()
        {
            // Closed by the server. Dropping it answers the request with an error.
            *connection = None;
        }
        request.as_mut().poll(cx)
    }))
}

impl PgConn {
    pub(crate) fn open(settings: Arc<PgSettings>) -> Result<Self, StoreError> {
        let link = Link::open(&settings.config)?;
        let statements = LruCache::new(CACHED_STATEMENTS);
        Ok(Self { settings, link, statements, tx: Tx::None, tx_number: None, ending: None, lost: false })
    }

    /// Whether the connection can only be thrown away.
    pub(crate) fn lost(&self) -> bool {
        self.lost
    }

    /// Sleeps while keeping the connection served.
    pub(crate) fn pause(&mut self, time: Duration) {
        if let Some(runtime) = &self.link.runtime {
            // Made inside, where the runtime's timer is at hand.
            drive(runtime, &mut self.link.connection, async { tokio::time::sleep(time).await });
        }
    }

    pub(crate) fn settings(&self) -> &Arc<PgSettings> {
        &self.settings
    }

    pub(crate) fn tx_base(&self) -> i64 {
        self.settings.tx_base.load(Ordering::Relaxed)
    }

    pub(crate) fn set_tx_base(&self, base: i64) {
        self.settings.tx_base.store(base, Ordering::Relaxed);
    }

    pub(crate) fn start(&mut self, mode: Mode) {
        self.tx = Tx::Due(mode);
        self.tx_number = None;
    }

    /// Ends the transaction with COMMIT or ROLLBACK; nothing is sent when no statement was.
    pub(crate) fn finish(&mut self, commit: bool) -> Result<(), StoreError> {
        let open = self.tx == Tx::Open;
        self.tx = Tx::None;
        if !open || self.lost {
            return if self.lost && commit { Err(connection_lost()) } else { Ok(()) };
        }
        let client = self.link.client.clone();
        let text = if commit { "commit" } else { "rollback" };
        self.request(async move { client.batch_execute(text).await })
    }

    /// Ends a read without waiting for the server's word; the next job hears it.
    pub(crate) fn finish_read(&mut self) {
        let open = self.tx == Tx::Open;
        self.tx = Tx::None;
        if open && !self.lost {
            let client = self.link.client.clone();
            self.ending = self.link.send(Box::pin(async move { client.batch_execute("rollback").await }));
            self.lost |= self.ending.is_none();
        }
    }

    /// The number of the running write transaction.
    pub(crate) fn tx_number(&mut self) -> Result<i64, StoreError> {
        if self.tx == Tx::Due(Mode::Write) {
            self.control("")?;
        }
        let number = self.tx_number.ok_or_else(|| StoreError::misuse("a read has no transaction number"))?;
        Ok(self.tx_base() + number)
    }

    /// Transaction control inside a job (savepoints).
    pub(crate) fn control(&mut self, text: &str) -> Result<(), StoreError> {
        self.renewing(|conn| {
            let client = conn.link.client.clone();
            conn.request(async move { client.batch_execute(text).await })
        })
    }

    pub(crate) fn query(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        self.renewing(|conn| {
            let statement = conn.prepared(sql.text())?;
            let client = conn.link.client.clone();
            let rows = conn.request(async move { rows_of(&client, &statement, sql.params()).await })?;
            decode_all(&rows)
        })
    }

    /// Through the unnamed statement, which PostgreSQL plans for the values at hand every time.
    pub(crate) fn query_custom_plan(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        self.renewing(|conn| {
            let client = conn.link.client.clone();
            let params: Vec<(&SqlValue, Type)> = sql.params().iter().map(|v| (v, type_of(v))).collect();
            let rows = conn.request(async move {
                let mut stream = pin!(client.query_typed_raw(sql.text(), params).await?);
                collect(&mut stream).await
            })?;
            decode_all(&rows)
        })
    }

    /// With the plan that serves any values, in the form its text has: no table is read through, nothing runs beside.
    pub(crate) fn query_fixed_plan(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        self.renewing(|conn| {
            let statement = conn.prepared(sql.text())?;
            let client = conn.link.client.clone();
            let rows = conn.request(async move {
                let asked = rows_of(&client, &statement, sql.params());
                let (fixed, rows, usual) =
                    join3(client.batch_execute(FIXED_PLANS), asked, client.batch_execute(USUAL_PLANS)).await;
                let rows = rows?;
                fixed.and(usual)?;
                Ok(rows)
            })?;
            decode_all(&rows)
        })
    }

    pub(crate) fn query_each(
        &mut self,
        sql: &Sql,
        f: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let stream = self.renewing(|conn| {
            let statement = conn.prepared(sql.text())?;
            let client = conn.link.client.clone();
            conn.request(async move { client.query_raw(&statement, sql.params()).await })
        })?;
        let mut stream = pin!(stream);
        let mut row = Row::default();
        loop {
            let mut turn = Vec::with_capacity(ROWS_PER_TURN);
            self.request(async {
                while turn.len() < ROWS_PER_TURN
                    && let Some(row) = stream.next().await
                {
                    turn.push(row?);
                }
                Ok(())
            })?;
            // Outside of the runtime, so that `f` may use another connection.
            for raw in &turn {
                row.clear();
                decode(&mut row, raw)?;
                f(&row)?;
            }
            if turn.len() < ROWS_PER_TURN {
                return Ok(());
            }
        }
    }

    pub(crate) fn execute(&mut self, sql: &Sql) -> Result<u64, StoreError> {
        self.renewing(|conn| {
            let statement = conn.prepared(sql.text())?;
            let client = conn.link.client.clone();
            conn.request(async move { client.execute_raw(&statement, sql.params()).await })
        })
    }

    /// All statements in one round trip; the first error counts.
    pub(crate) fn batch(&mut self, statements: &[Sql]) -> Result<Vec<u64>, StoreError> {
        self.renewing(|conn| {
            let prepared = conn.prepared_all(statements)?;
            let client = conn.link.client.clone();
            conn.request(async move {
                let sent =
                    prepared.iter().zip(statements).map(|(s, sql)| client.execute_raw(s, sql.params()));
                join_all(sent).await.into_iter().collect()
            })
        })
    }

    pub(crate) fn query_batch(&mut self, statements: &[Sql]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.renewing(|conn| {
            let prepared = conn.prepared_all(statements)?;
            let client = conn.link.client.clone();
            let answers = conn.request(async move {
                let sent = prepared.iter().zip(statements).map(|(s, sql)| rows_of(&client, s, sql.params()));
                join_all(sent).await.into_iter().collect::<Result<Vec<_>, _>>()
            })?;
            answers.iter().map(|rows| decode_all(rows)).collect()
        })
    }

    /// One array per column: the statement text is the same for any number of rows.
    pub(crate) fn execute_arrays(
        &mut self,
        text: &str,
        columns: usize,
        rows: &[Vec<SqlValue>],
    ) -> Result<u64, StoreError> {
        self.renewing(|conn| {
            let statement = conn.prepared(text)?;
            let client = conn.link.client.clone();
            let arrays: Vec<Vec<&SqlValue>> = (0..columns)
                .map(|c| rows.iter().map(|row| row.get(c).unwrap_or(&SqlValue::Null)).collect())
                .collect();
            conn.request(async move { client.execute_raw(&statement, &arrays).await })
        })
    }

    fn prepared(&mut self, text: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(text) {
            return Ok(statement.clone());
        }
        let client = self.link.client.clone();
        let statement = self.request(async move { client.prepare(text).await })?;
        self.statements.put(text.into(), statement.clone());
        Ok(statement)
    }

    fn prepared_all(&mut self, statements: &[Sql]) -> Result<Vec<Statement>, StoreError> {
        let mut missing: Vec<&str> = Vec::new();
        for sql in statements {
            if !self.statements.contains(sql.text()) && !missing.contains(&sql.text()) {
                missing.push(sql.text());
            }
        }
        if !missing.is_empty() {
            let client = self.link.client.clone();
            let wanted = missing.clone();
            let fresh: Vec<Statement> = self.request(async move {
                join_all(wanted.iter().map(|text| client.prepare(text))).await.into_iter().collect()
            })?;
            for (text, statement) in missing.into_iter().zip(fresh) {
                self.statements.put(text.into(), statement);
            }
        }
        statements.iter().map(|sql| self.prepared(sql.text())).collect()
    }

    /// Runs the first operation of a job once more on a fresh connection when the old one was dead.
    fn renewing<T>(
        &mut self,
        mut op: impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.lost {
            return Err(connection_lost());
        }
        let Tx::Due(mode) = self.tx else { return op(self) };
        match op(self) {
            Err(_) if self.lost => {
                self.ending = None;
                self.link = Link::open(&self.settings.config)?;
                self.statements.clear();
                self.lost = false;
                self.start(mode);
                op(self)
            }
            done => done,
        }
    }

    /// Sends a request, BEGIN ahead of it when the job has just started.
    fn request<T>(
        &mut self,
        request: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        let answer = match self.tx {
            Tx::Due(mode) => {
                let begin = self.begin(mode);
                let ending = self.ending.take();
                self.tx = Tx::Open;
                let tx_number = &mut self.tx_number;
                self.link.run(async {
                    let ended = async {
                        match ending {
                            Some(ending) => ending.await,
                            None => Ok(()),
                        }
                    };
                    let (ended, begun, answer) = join3(ended, begin, request).await;
                    ended?;
                    *tx_number = begun?;
                    answer
                })
            }
            _ => self.link.run(request),
        };
        self.lost |= self.link.dead || self.link.connection.is_none() || self.link.client.is_closed();
        answer
    }

    fn begin(&self, mode: Mode) -> Begin {
        let client = self.link.client.clone();
        match mode {
            Mode::Read => Box::pin(async move {
                // One snapshot for the whole job, as a SQLite reader has.
                client.batch_execute("begin isolation level repeatable read, read only").await?;
                Ok(None)
            }),
            Mode::Write => {
                let number = self.link.tx_statement.clone();
                Box::pin(async move {
                    let (begun, row) =
                        join(client.batch_execute("begin"), rows_of(&client, &number, &[])).await;
                    begun?;
                    row?.first().map(|row| row.try_get(0)).transpose()
                })
            }
        }
    }
}

fn connection_lost() -> StoreError {
    StoreError::unavailable("the connection to PostgreSQL was lost")
}

/// The type a value is declared as where no prepared statement tells.
pub(crate) fn type_of(value: &SqlValue) -> Type {
    match value {
        SqlValue::Null => Type::UNKNOWN,
        SqlValue::Int(_) => Type::INT8,
        SqlValue::Text(_) => Type::TEXT,
        SqlValue::Blob(_) => Type::BYTEA,
    }
}

async fn rows_of(
    client: &Client,
    statement: &Statement,
    params: &[SqlValue],
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let mut stream = pin!(client.query_raw(statement, params).await?);
    collect(&mut stream).await
}

async fn collect(
    stream: &mut Pin<&mut tokio_postgres::RowStream>,
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(rows)
}

fn decode_all(raw: &[tokio_postgres::Row]) -> Result<Vec<Row>, StoreError> {
    let mut rows: Vec<Row> = Vec::with_capacity(raw.len());
    for raw in raw {
        let mut row = rows.last().map_or_else(Row::default, Row::with_room_of);
        decode(&mut row, raw)?;
        rows.push(row);
    }
    Ok(rows)
}
