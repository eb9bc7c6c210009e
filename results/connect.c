// Connecting and upgrading by pairs of a server and a client: what results/connect.sh
// compares bench run with. Each pair has its own port, and each process one epoll loop;
// a client stays on one processor.
//
//   connect PAIRS CONNS echo|ws   PAIRS × 2 processes, CONNS connections in all, which
//                                 stay open to the end; prints the connections per
//                                 second until all are established, or upgraded (ws)
//
// The server does not read the key of an upgrade request: it answers the key of RFC 6455,
// 1.3, which the client sends, so both spend less than a real server and client would.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128 }; // events per wait, and upgrades in flight

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
static const char response[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
enum { REQUEST = sizeof request - 1, RESPONSE = sizeof response - 1 };

static struct epoll_event events[BATCH];

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void watch(int poller, int fd) {
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
	int one = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e)) err(1, "epoll_ctl");
}

static void serve(int listener) {
	int poller = epoll_create1(0);
	char buffer[4096];
	watch(poller, listener);
	for (;;) {
		int n = epoll_wait(poller, events, BATCH, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listener) {
				while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) watch(poller, fd);
				continue;
			}
			ssize_t got = read(fd, buffer, sizeof buffer);
			if (got != REQUEST || write(fd, response, RESPONSE) != RESPONSE) close(fd);
		}
	}
}

// upgraded reads the responses that have come, and returns their number.
static int upgraded(int poller) {
	char buffer[4096];
	int n = epoll_wait(poller, events, BATCH, -1);
	for (int i = 0; i < n; i++)
		if (read(events[i].data.fd, buffer, sizeof buffer) != RESPONSE) errx(1, "not upgraded");
	return n;
}

static void open_all(struct sockaddr_in to, int conns, int ws) {
	int poller = epoll_create1(0), waiting = 0;
	for (int i = 0; i < conns; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) err(1, "connect");
		watch(poller, fd);
		if (!ws) continue;
		if (write(fd, request, REQUEST) != REQUEST) err(1, "write");
		if (++waiting == BATCH) waiting -= upgraded(poller);
	}
	while (waiting > 0) waiting -= upgraded(poller);
}

// stay keeps the calling process on the nth processor that it may use.
static void stay(int n) {
	cpu_set_t allowed, own;
	if (sched_getaffinity(0, sizeof allowed, &allowed)) err(1, "sched_getaffinity");
	n %= CPU_COUNT(&allowed);
	for (int cpu = 0;; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || n-- > 0) continue;
		CPU_ZERO(&own);
		CPU_SET(cpu, &own);
		if (sched_setaffinity(0, sizeof own, &own)) err(1, "sched_setaffinity");
		return;
	}
}

int main(int argc, char **argv) {
	int pairs = argc == 4 ? atoi(argv[1]) : 0, conns = argc == 4 ? atoi(argv[2]) : 0;
	if (pairs < 1 || conns < pairs || (strcmp(argv[3], "echo") && strcmp(argv[3], "ws"))) errx(2, "usage: connect PAIRS CONNS echo|ws");
	int ws = !strcmp(argv[3], "ws");
	pid_t *servers = calloc(pairs, sizeof *servers);
	// Clients wait for the end of start, tell of each client in done, and keep their
	// connections until the end of finish.
	int start[2], done[2], finish[2];
	if (pipe(start) || pipe(done) || pipe(finish)) err(1, "pipe");
	for (int pair = 0; pair < pairs; pair++) {
		struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t size = sizeof at;
		int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 65535)) err(1, "listen");
		getsockname(listener, (struct sockaddr *)&at, &size);
		if (!(servers[pair] = fork())) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(start[1]), close(done[1]), close(finish[1]);
			serve(listener);
		}
		close(listener);
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(start[1]), close(finish[1]);
			stay(pair);
			char byte = 0;
			if (read(start[0], &byte, 1)) _exit(1);
			open_all(at, conns / pairs + (pair < conns % pairs), ws);
			if (write(done[1], &byte, 1) != 1) _exit(1);
			_exit(read(finish[0], &byte, 1) != 0);
		}
	}
	close(done[1]);
	int64_t began = now();
	close(start[1]);
	char byte;
	int ready = 0;
	while (ready < pairs && read(done[0], &byte, 1) == 1) ready++;
	double seconds = (now() - began) / 1e9;
	close(finish[1]);
	for (int i = 0; i < pairs; i++) kill(servers[i], SIGTERM);
	while (wait(0) > 0);
	if (ready < pairs) errx(1, "%d of %d clients failed", pairs - ready, pairs);
	printf("%.0f\n", conns / seconds);
}
