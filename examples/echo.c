/*
 * An echo server in C, as one more row to compare with: one thread, one
 * level-triggered epoll, one read per event, one write. It serves connections
 * that take what they are sent; one that does not is closed.
 *
 *   cc -O2 -o /tmp/echo examples/echo.c
 *   go run ./cmd/bench run -exec c='/tmp/echo {port}'
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[64 << 10];
static struct epoll_event events[1024];

static int must(int result, const char *call)
{
	if (result < 0) {
		perror(call);
		exit(1);
	}
	return result;
}

static int listen_on(int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1, fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
	/* Accepted connections take this over. */
	must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
	must(bind(fd, (struct sockaddr *)&addr, sizeof addr), "bind");
	must(listen(fd, 65535), "listen");
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

int main(int argc, char **argv)
{
	struct rlimit files;

	if (argc != 2) {
		fprintf(stderr, "usage: echo PORT\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);

	int listener = listen_on(atoi(argv[1]));
	int epoll = must(epoll_create1(0), "epoll_create1");

	watch(epoll, listener);
	for (;;) {
		int ready = epoll_wait(epoll, events, 1024, -1);

		for (int i = 0; i < ready; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				int conn;

				while ((conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
					watch(epoll, conn);
				continue;
			}
			ssize_t n = read(fd, buffer, sizeof buffer);

			if (n <= 0 || write(fd, buffer, n) != n)
				close(fd);
		}
	}
}
