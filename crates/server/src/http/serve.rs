//! Listening, over TLS or not, until the process is told to end.

use super::{App, router};
use crate::config::Tls;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How long requests under way may take to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a caller may take to send a request's headers: slower ones hold connections on purpose.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);

/// Serves until SIGTERM or Ctrl-C; then what is under way is finished. `listening` is called with the address once callers are heard.
///
/// # Errors
/// When the address can't be listened on, or the certificate can't be read.
pub async fn serve(app: App, listening: impl FnOnce(SocketAddr) + Send + 'static) -> io::Result<()> {
    let handle = Handle::new();
    tokio::spawn(end_gracefully(app.clone(), handle.clone()));
    let told = handle.clone();
    tokio::spawn(async move {
        if let Some(address) = told.listening().await {
            listening(address);
        }
    });
    let address = app.config().listen;
    let tls = app.config().tls.clone();
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        None => {
            let mut server = axum_server::bind(address).handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
            server.serve(service).await
        }
        Some(tls) => {
            let mut server = axum_server::bind_rustls(address, certificate(&tls).await?).handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
            server.serve(service).await
        }
    }
}

async fn certificate(tls: &Tls) -> io::Result<RustlsConfig> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let read = RustlsConfig::from_pem_file(&tls.cert, &tls.key).await;
    read.map_err(|e| io::Error::new(e.kind(), format!("{} / {}: {e}", tls.cert.display(), tls.key.display())))
}

async fn end_gracefully(app: App, handle: Handle<SocketAddr>) {
    told_to_end().await;
    tracing::info!("ending; requests under way are finished first");
    app.end();
    handle.graceful_shutdown(Some(GRACE));
}

async fn told_to_end() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
