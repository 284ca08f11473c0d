#include "plots/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a JSON string behind its opening quote; escapes of other characters become '?'. */
static void read_string(FILE *file, char *text, size_t size)
{
    size_t length = 0;
    int byte;
    while ((byte = getc(file)) != EOF && byte != '"') {
        if (byte == '\\') {
            byte = getc(file);
            if (byte == 'u') {
                byte = '?';
            } else if (byte == EOF || (byte != '"' && byte != '\\' && byte != '/')) {
                byte = ' ';
            }
        }
        if (length + 1 < size) {
            text[length++] = (char)byte;
        }
    }
    text[length] = '\0';
}

/* Reads the rest of a bare value: a number, true, false, null. */
static void read_bare(FILE *file, int byte, char *text, size_t size)
{
    size_t length = 0;
    while (byte != EOF && !strchr(",]} \t\r\n", byte)) {
        if (length + 1 < size) {
            text[length++] = (char)byte;
        }
        byte = getc(file);
    }
    text[length] = '\0';
    ungetc(byte, file);
}

static void take(struct plt_summary *summary, const char *key, const char *value)
{
    if (strcmp(key, "scenario") == 0 || strcmp(key, "name") == 0) {
        snprintf(summary->title, sizeof summary->title, "%s", value);
    } else if (strcmp(key, "warmup_s") == 0) {
        summary->warm_up_s = strtod(value, NULL);
    } else if (strcmp(key, "seed") == 0) {
        snprintf(summary->caption, sizeof summary->caption, "seed %s", value);
    }
}

void plt_summary_read(const char *path, struct plt_summary *summary)
{
    *summary = (struct plt_summary){0};
    FILE *file = fopen(path, "r");
    if (!file) {
        return;
    }
    char key[64] = "";
    char value[200];
    int depth = 0;
    bool is_value = false;
    int byte;
    while ((byte = getc(file)) != EOF) {
        if (byte == '{' || byte == '[') {
            depth++;
            is_value = false;
        } else if (byte == '}' || byte == ']') {
            depth--;
        } else if (byte == ':') {
            is_value = true;
        } else if (byte == ',') {
            is_value = false;
        } else if (byte == '"' && !is_value) {
            read_string(file, key, sizeof key);
        } else if (!strchr(" \t\r\n", byte)) {
            if (byte == '"') {
                read_string(file, value, sizeof value);
            } else {
                read_bare(file, byte, value, sizeof value);
            }
            if (depth == 1 && is_value) {
                take(summary, key, value);
            }
        }
    }
    fclose(file);
}
