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

/* One value of the outermost object (`parent` is empty) or of an object in it. */
static void take(struct plt_summary *summary, const char *parent, const char *key,
                 const char *value)
{
    if (strcmp(parent, "bottleneck") == 0 && strcmp(key, "what") == 0) {
        snprintf(summary->bottleneck, sizeof summary->bottleneck, "%s", value);
    } else if (parent[0] != '\0') {
        return;
    } else if (strcmp(key, "scenario") == 0 || strcmp(key, "name") == 0) {
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
    char parent[64] = "";
    char key[64] = "";
    char value[240];
    int depth = 0;
    bool is_value = false;
    int byte;
    while ((byte = getc(file)) != EOF) {
        if (byte == '{' || byte == '[') {
            depth++;
            is_value = false;
            if (depth == 2) {
                snprintf(parent, sizeof parent, "%s", key);
            }
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
            if (is_value && (depth == 1 || depth == 2)) {
                take(summary, depth == 1 ? "" : parent, key, value);
            }
        }
    }
    fclose(file);
}
