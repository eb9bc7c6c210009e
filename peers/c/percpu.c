/*
 * The ceiling for a row: a thread for each processor, pinned to it, with its own
 * listener (SO_REUSEPORT) and its own level-triggered epoll; one read per event,
 * one write. A BPF program on the listeners gives each thread the connections
 * whose packets its processor handles. What a peer does not take is kept, and
 * nothing more is read from it until it has.
 *
 *   cc -O2 -pthread -o percpu percpu.c
 *   ./percpu 127.0.0.1:9000
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE (64 << 10)

struct conn {
	int fd;
	char *rest; /* allocated while the peer does not take it */
	size_t at, length;
};

struct loop {
	pthread_t thread;
	int cpu, epoll;
	struct conn listener;
};

static int must(int result, const char *call)
{
	if (result < 0) {
		perror(call);
		exit(1);
	}
	return result;
}

static void *memory(void *p)
{
	if (!p) {
		fputs("percpu: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

/* A host, an IPv6 one in brackets, and a port. */
static struct addrinfo *resolve(char *addr)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found;
	char *colon = strrchr(addr, ':');
	size_t end;

	if (!colon)
		return NULL;
	*colon = 0;
	end = strlen(addr);
	if (end && addr[0] == '[' && addr[end - 1] == ']') {
		addr[end - 1] = 0;
		addr++;
	}
	return getaddrinfo(*addr ? addr : NULL, colon + 1, &hints, &found) ? NULL : found;
}

static int listen_on(struct addrinfo *addr)
{
	int on = 1, fd = must(socket(addr->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
	must(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "SO_REUSEPORT");
	/* Accepted connections take this over. */
	must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
	must(bind(fd, addr->ai_addr, addr->ai_addrlen), "bind");
	must(listen(fd, 65535), "listen");
	return fd;
}

/*
 * The program's answer is a listener's place in the order in which they were
 * opened. One that does not exist leaves the choice to the kernel's hash, so
 * processors without a thread do no harm.
 */
static void steer(int listener, struct loop *loops, int count)
{
	struct sock_filter code[2 * CPU_SETSIZE + 2];
	struct sock_fprog program = { .filter = code };
	int n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_CPU);
	for (int i = 0; i < count; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, loops[i].cpu, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, i);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, count);
	program.len = n;
	must(setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program), "SO_ATTACH_REUSEPORT_CBPF");
}

static void watch(int epoll, int operation, struct conn *c, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = c };

	must(epoll_ctl(epoll, operation, c->fd, &event), "epoll_ctl");
}

static void accept_all(struct loop *l)
{
	int fd;

	while ((fd = accept4(l->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *c = memory(calloc(1, sizeof *c));

		c->fd = fd;
		watch(l->epoll, EPOLL_CTL_ADD, c, EPOLLIN);
	}
	if (errno == EMFILE || errno == ENFILE) /* the listener stays ready: do not spin */
		nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
}

static void drop(struct conn *c)
{
	close(c->fd);
	free(c->rest);
	free(c);
}

/* 0 if the peer takes no more for now, -1 if it is gone. */
static ssize_t send_some(int fd, const char *data, size_t length)
{
	ssize_t n = send(fd, data, length, MSG_NOSIGNAL);

	return n < 0 && errno == EAGAIN ? 0 : n;
}

static int echo(struct loop *l, struct conn *c, char *buffer)
{
	ssize_t n = read(c->fd, buffer, READ_SIZE), sent;

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0 || (sent = send_some(c->fd, buffer, n)) < 0)
		return -1;
	if (sent == n)
		return 0;
	c->at = 0;
	c->length = n - sent;
	c->rest = memory(malloc(c->length));
	memcpy(c->rest, buffer + sent, c->length);
	watch(l->epoll, EPOLL_CTL_MOD, c, EPOLLOUT);
	return 0;
}

static int flush(struct loop *l, struct conn *c)
{
	ssize_t sent = send_some(c->fd, c->rest + c->at, c->length - c->at);

	if (sent < 0)
		return -1;
	c->at += sent;
	if (c->at < c->length)
		return 0;
	free(c->rest);
	c->rest = NULL;
	watch(l->epoll, EPOLL_CTL_MOD, c, EPOLLIN);
	return 0;
}

static void *run(void *arg)
{
	struct loop *l = arg;
	struct epoll_event events[1024];
	char *buffer = memory(malloc(READ_SIZE));

	for (;;) {
		int ready = epoll_wait(l->epoll, events, 1024, -1);

		for (int i = 0; i < ready; i++) {
			struct conn *c = events[i].data.ptr;

			if (c == &l->listener)
				accept_all(l);
			else if ((c->rest ? flush(l, c) : echo(l, c, buffer)) < 0)
				drop(c);
		}
	}
	return NULL;
}

static void start(struct loop *l)
{
	cpu_set_t one;
	pthread_attr_t attributes;

	CPU_ZERO(&one);
	CPU_SET(l->cpu, &one);
	pthread_attr_init(&attributes);
	if (pthread_attr_setaffinity_np(&attributes, sizeof one, &one) || pthread_create(&l->thread, &attributes, run, l)) {
		fprintf(stderr, "percpu: cannot start a thread on processor %d\n", l->cpu);
		exit(1);
	}
	pthread_attr_destroy(&attributes);
}

int main(int argc, char **argv)
{
	static struct loop loops[CPU_SETSIZE];
	struct addrinfo *addr;
	struct rlimit files;
	cpu_set_t cpus;
	sigset_t ends;
	int count = 0, got;

	if (argc != 2 || !(addr = resolve(argv[1]))) {
		fputs("usage: percpu ADDR, such as 127.0.0.1:9000\n", stderr);
		return 2;
	}
	must(getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
	files.rlim_cur = files.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	/* Threads inherit this: only main takes these signals. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);

	must(sched_getaffinity(0, sizeof cpus, &cpus), "sched_getaffinity");
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &cpus))
			continue;
		struct loop *l = &loops[count++];

		l->cpu = cpu;
		l->epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
		l->listener.fd = listen_on(addr);
		watch(l->epoll, EPOLL_CTL_ADD, &l->listener, EPOLLIN);
	}
	steer(loops[0].listener.fd, loops, count);
	for (int i = 0; i < count; i++)
		start(&loops[i]);
	return sigwait(&ends, &got) ? 1 : 0;
}
