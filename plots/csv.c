#include "plots/csv.h"

#include <errno.h>

bool plt_csv_open(struct sim_csv *csv, const char *path, const char *header, struct sim_err *err)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        return sim_err_set_errno(err, errno, "cannot open %s", path);
    }
    return sim_csv_begin(csv, file, path, header, err);
}

bool plt_path(char *path, size_t size, const char *directory, const char *name, struct sim_err *err)
{
    int length = snprintf(path, size, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= size) {
        return sim_err_set(err, SIM_ERR_LIMIT, "the path of a folder is too long: %s", directory);
    }
    return true;
}

bool plt_out_open(struct plt_out *out, const char *directory, const char *name, struct sim_err *err)
{
    if (!plt_path(out->path, sizeof out->path, directory, name, err)) {
        return false;
    }
    out->file = fopen(out->path, "w");
    if (!out->file) {
        return sim_err_set_errno(err, errno, "cannot create %s", out->path);
    }
    return true;
}

bool plt_out_close(struct plt_out *out, struct sim_err *err)
{
    bool is_bad = ferror(out->file) != 0;
    if (fclose(out->file) != 0 || is_bad) {
        return sim_err_set_errno(err, errno, "cannot write %s", out->path);
    }
    return true;
}

void plt_out_text(FILE *file, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        putc(byte < 0x20 || byte == 0x7f ? ' ' : byte == '"' ? '\'' : byte, file);
    }
}
