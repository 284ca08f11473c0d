#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H
/*
 * A file below /tmp with given bytes in it.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct temporary {
    char path[32];
};

/* Make one; false when it cannot be written, and then there is none. The caller removes it. */
static inline bool temporary_make(struct temporary *file, const void *bytes, size_t length)
{
    int descriptor;
    bool is_written;

    strcpy(file->path, "/tmp/sluice-test-XXXXXX");
    descriptor = mkstemp(file->path);
    if (descriptor < 0) {
        return false;
    }
    is_written = write(descriptor, bytes, length) == (ssize_t)length;
    close(descriptor);
    if (!is_written) {
        unlink(file->path);
    }
    return is_written;
}

static inline void temporary_remove(const struct temporary *file)
{
    unlink(file->path);
}

#endif
