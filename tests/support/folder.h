#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H
/*
 * A folder of a test, with small files in it. Include after cmocka.h.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct test_folder {
    char path[64];
};

static inline void test_folder_make(struct test_folder *folder)
{
    strcpy(folder->path, "/tmp/sluice-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

/* Write a file, or one of `length` bytes. */
static inline void test_folder_write_bytes(const struct test_folder *folder, const char *name,
                                           const char *bytes, size_t length)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void test_folder_write(const struct test_folder *folder, const char *name,
                                     const char *text)
{
    test_folder_write_bytes(folder, name, text, strlen(text));
}

/* The folder and the files in it. */
static inline void test_folder_remove(const struct test_folder *folder)
{
    DIR *directory = opendir(folder->path);
    struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char path[512];

        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
            remove(path);
        }
    }
    closedir(directory);
    assert_int_equal(rmdir(folder->path), 0);
}

#endif
