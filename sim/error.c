#include "sim/error.h"

#include <stdio.h>
#include <string.h>

/* Text that came from a file must neither break the line nor reach a terminal as control codes. */
static void make_one_line(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7f) {
            *at = byte == '\n' || byte == '\t' || byte == '\r' ? ' ' : '?';
        }
    }
}

/* End a text that did not fit with "...", without leaving half a UTF-8 character before it. */
static void mark_cut(char *text, size_t size)
{
    size_t end = size - 4;
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80) {
        end--;
    }
    memcpy(text + end, "...", 4);
}

static void fill_text(struct sim_err *err, const char *format, va_list args)
{
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    if (length < 0) {
        err->text[0] = '\0';
    } else if ((size_t)length >= sizeof err->text) {
        mark_cut(err->text, sizeof err->text);
    }
    make_one_line(err->text);
}

static void fill_place(struct sim_err *err, const char *file, uint32_t line, uint32_t column)
{
    err->file[0] = '\0';
    if (file != NULL) {
        int length = snprintf(err->file, sizeof err->file, "%s", file);
        if (length >= (int)sizeof err->file) {
            mark_cut(err->file, sizeof err->file);
        }
        make_one_line(err->file);
    }
    err->line = line;
    err->column = column;
}

bool sim_err_set(struct sim_err *err, enum sim_err_code code, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        err->code = code;
        fill_place(err, NULL, 0, 0);
        va_start(args, format);
        fill_text(err, format, args);
        va_end(args);
    }
    return false;
}

bool sim_err_set_at(struct sim_err *err, enum sim_err_code code, const char *file, uint32_t line,
                    uint32_t column, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        err->code = code;
        fill_place(err, file, line, column);
        va_start(args, format);
        fill_text(err, format, args);
        va_end(args);
    }
    return false;
}

bool sim_err_set_errno(struct sim_err *err, int error_number, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        char reason[128];
        err->code = SIM_ERR_SYSTEM;
        fill_place(err, NULL, 0, 0);
        va_start(args, format);
        fill_text(err, format, args);
        va_end(args);
        if (strerror_r(error_number, reason, sizeof reason) != 0) {
            snprintf(reason, sizeof reason, "error %d", error_number);
        }
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, ": %s", reason);
    }
    return false;
}
