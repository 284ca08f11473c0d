/*
 * Feeds every file of the folders on the command line to a fuzzing target, whole and cut short at
 * some places: what the fuzzer once found stays found without the fuzzer.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cut-off copies of a file. */
#define CUTS 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char bytes[1 << 21];

static int feed_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    for (size_t i = 1; i < CUTS; i++) {
        LLVMFuzzerTestOneInput(bytes, size * i / CUTS);
    }
    return 0;
}

static int feed_folder(const char *path, unsigned *count)
{
    int status = 0;
    DIR *folder = opendir(path);
    if (!folder) {
        perror(path);
        return 1;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "reader") != 0 &&
            strcmp(entry->d_name, "meson.build") != 0) {
            status |= feed_file(path, entry->d_name);
            ++*count;
        }
    }
    closedir(folder);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    unsigned count = 0;
    for (int i = 1; i < argc; i++) {
        status |= feed_folder(argv[i], &count);
    }
    printf("%sok 1 - %u files and %d cut-off copies of each\n", status || count == 0 ? "not " : "",
           count, CUTS - 1);
    printf("1..1\n");
    return status || count == 0;
}
