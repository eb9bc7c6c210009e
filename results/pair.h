// What pairs.c and connect.c have in common.
#define _GNU_SOURCE
#include <err.h>
#include <netinet/in.h>
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

// serve accepts connections, and answers each message of one.
static void serve(int listener, void (*answer)(int fd)) {
	int poller = epoll_create1(0);
	watch(poller, listener);
	for (;;) {
		int n = epoll_wait(poller, events, BATCH, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd != listener) answer(fd);
			else while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) watch(poller, fd);
		}
	}
}

// listening returns a socket that listens on a port chosen by the kernel, and stores its address.
static int listening(struct sockaddr_in *at) {
	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof *at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(fd, (struct sockaddr *)at, size) || listen(fd, 65535)) err(1, "listen");
	getsockname(fd, (struct sockaddr *)at, &size);
	return fd;
}

// stay keeps the calling process on the nth processor that it may use, modulo their number.
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
