// Echo of 8 bytes by pairs of a server and a client, each with one epoll loop kept on
// one processor: what results/pairs.sh compares bench run -pin with.
//
//   pairs CONNS SECONDS   one pair for each processor that this process may use, with
//                         CONNS connections in all and one request in flight on each;
//                         prints the round trips per second of all pairs
//
// The first second is not counted.
#define _GNU_SOURCE
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128 }; // events per wait, as in our loops

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
			if (got <= 0 || write(fd, buffer, got) != got) close(fd);
		}
	}
}

// load returns the round trips in the window of the given seconds.
static int64_t load(struct sockaddr_in to, int conns, int seconds) {
	int poller = epoll_create1(0);
	int *fds = calloc(conns, sizeof *fds);
	for (int i = 0; i < conns; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (fds[i] < 0 || connect(fds[i], (struct sockaddr *)&to, sizeof to)) err(1, "connect");
		watch(poller, fds[i]);
	}
	int64_t stamp = now();
	for (int i = 0; i < conns; i++)
		if (write(fds[i], &stamp, sizeof stamp) != sizeof stamp) err(1, "write");
	int64_t count = 0, open = now() + INT64_C(1000000000), end = open + seconds * INT64_C(1000000000);
	for (int64_t t = open; t < end;) {
		int n = epoll_wait(poller, events, BATCH, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (read(fd, &stamp, sizeof stamp) != sizeof stamp) err(1, "read");
			t = now();
			count += t >= open && t < end;
			if (write(fd, &t, sizeof t) != sizeof t) err(1, "write");
		}
	}
	return count;
}

int main(int argc, char **argv) {
	int conns = argc == 3 ? atoi(argv[1]) : 0, seconds = argc == 3 ? atoi(argv[2]) : 0;
	cpu_set_t allowed;
	if (conns < 1 || seconds < 1) errx(2, "usage: pairs CONNS SECONDS");
	if (sched_getaffinity(0, sizeof allowed, &allowed)) err(1, "sched_getaffinity");
	int pairs = CPU_COUNT(&allowed), counts[2];
	pid_t servers[CPU_SETSIZE];
	if (pipe(counts)) err(1, "pipe");
	for (int cpu = 0, pair = 0; pair < pairs; cpu++) {
		if (!CPU_ISSET(cpu, &allowed)) continue;
		cpu_set_t own;
		CPU_ZERO(&own);
		CPU_SET(cpu, &own);
		if (sched_setaffinity(0, sizeof own, &own)) err(1, "sched_setaffinity"); // the children inherit it
		struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t size = sizeof at;
		int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 65535)) err(1, "listen");
		getsockname(listener, (struct sockaddr *)&at, &size);
		if (!(servers[pair] = fork())) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(counts[1]); // or the parent would never read its end
			serve(listener);
		}
		close(listener);
		if (!fork()) {
			int64_t count = load(at, conns / pairs + (pair < conns % pairs), seconds);
			_exit(write(counts[1], &count, sizeof count) != sizeof count);
		}
		pair++;
	}
	close(counts[1]);
	int64_t sum = 0, count;
	int answers = 0;
	for (; read(counts[0], &count, sizeof count) == sizeof count; answers++) sum += count;
	for (int i = 0; i < pairs; i++) kill(servers[i], SIGTERM);
	while (wait(0) > 0);
	if (answers < pairs) errx(1, "%d of %d clients failed", pairs - answers, pairs);
	printf("%.0f\n", (double)sum / seconds);
}
