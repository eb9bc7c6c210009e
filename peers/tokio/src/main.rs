//! Echoes bytes with tokio: a task for each connection, on a thread for each processor.
//!
//!     echo 127.0.0.1:9000
//!
//! It follows tokio's examples/echo-tcp.rs; after an error it accepts again as the authors'
//! mini-redis does, a second later.

use std::net::SocketAddr;
use std::time::Duration;
use std::{env, io, process};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::signal::unix::{signal, SignalKind};

const BACKLOG: u32 = 65535;
const GRACE: Duration = Duration::from_secs(5); // for tasks to end

fn main() -> io::Result<()> {
    let addr = match env::args().nth(1).map(|arg| arg.parse()) {
        Some(Ok(addr)) => addr,
        _ => {
            eprintln!("usage: echo ADDR, such as 127.0.0.1:9000");
            process::exit(2);
        }
    };
    raise_descriptors()?;
    let runtime = Runtime::new()?;
    let ended = runtime.block_on(serve(addr));
    runtime.shutdown_timeout(GRACE);
    ended
}

/// Accepts until SIGTERM or SIGINT.
async fn serve(addr: SocketAddr) -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let listener = listen(addr)?;
    loop {
        tokio::select! {
            _ = terminated.recv() => return Ok(()),
            _ = interrupted.recv() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(echo(stream));
                }
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            },
        }
    }
}

fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

/// Returns what comes until the peer closes its half.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1024];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n]).await?;
    }
}

/// Raises the limit of descriptors as far as it goes.
fn raise_descriptors() -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a limit that outlives them.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) != 0 {
            return Err(io::Error::last_os_error());
        }
        limit.rlim_cur = limit.rlim_max;
        if libc::setrlimit(libc::RLIMIT_NOFILE, &limit) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
