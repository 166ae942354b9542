/*
 * Replays files through a fuzz target, for any compiler:
 *
 *     fuzz/NAME FILE...        these
 *     fuzz/NAME                all in $srcdir/fuzz/corpus/NAME
 *
 * The name of each is printed before it runs, so that the last one is the one
 * that aborted.  This is a library with main() in it: where libFuzzer brings
 * its own, it is not linked.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include <sys/types.h>

#include <dirent.h>
#include <unistd.h>

/* A target that takes so many seconds hangs: the signal ends it. */
#define REPLAY_MAX 60

/* Returns -1 after a line on stderr. */
static int
replay(const char *file)
{
	struct bytes b = { 0 };
	FILE *f;
	int result = -1;

	printf("%s\n", file);
	fflush(stdout);
	if ((f = fopen(file, "r")) == NULL) {
		perror(file);
		return (-1);
	}
	while (bytes_reserve(&b, BUFSIZ) != NULL && !feof(f) && !ferror(f))
		b.len += fread(b.data + b.len, 1, BUFSIZ, f);
	if (ferror(f) || b.failed) {
		perror(file);
	} else {
		alarm(REPLAY_MAX);
		LLVMFuzzerTestOneInput(b.data, b.len);
		alarm(0);
		result = 0;
	}
	fclose(f);
	bytes_free(&b);
	return (result);
}

static int
is_file(const struct dirent *d)
{
	return (d->d_name[0] != '.');
}

/* In the order of their names.  An empty corpus tests nothing: a failure. */
static int
replay_all(const char *dir)
{
	struct dirent **list;
	char *path;
	int result = 0, n, i;

	if ((n = scandir(dir, &list, is_file, alphasort)) <= 0) {
		fprintf(stderr, "%s: no corpus\n", dir);
		return (-1);
	}
	for (i = 0; i < n; i++) {
		MUST(asprintf(&path, "%s/%s", dir, list[i]->d_name) > 0);
		if (replay(path) != 0)
			result = -1;
		free(path);
		free(list[i]);
	}
	free(list);
	return (result);
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *name = argv[0], *slash;
	char *dir;
	int result = 0, i;

	for (i = 1; i < argc; i++)
		if (replay(argv[i]) != 0)
			result = 1;
	if (argc > 1)
		return (result);
	if ((slash = strrchr(name, '/')) != NULL)
		name = slash + 1;
	MUST(asprintf(&dir, "%s/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name) > 0);
	result = replay_all(dir) == 0 ? 0 : 1;
	free(dir);
	return (result);
}
