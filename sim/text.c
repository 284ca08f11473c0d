#include "sim/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/assert.h"

#define NEAREST_MAX_LENGTH 64

static void reserve(struct sim_text *text, size_t more)
{
    sim_assert(NULL, more < SIZE_MAX / 4 - text->length);
    size_t wanted = text->length + more + 1;
    if (wanted <= text->capacity) {
        return;
    }
    size_t capacity = text->capacity != 0 ? text->capacity : 64;
    while (capacity < wanted) {
        capacity *= 2;
    }
    text->bytes = sim_realloc(text->bytes, capacity, 1);
    text->capacity = capacity;
}

void sim_text_finish(struct sim_text *text)
{
    free(text->bytes);
    *text = (struct sim_text){0};
}

void sim_text_clear(struct sim_text *text)
{
    text->length = 0;
    if (text->bytes != NULL) {
        text->bytes[0] = '\0';
    }
}

void sim_text_add(struct sim_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sim_text_addv(text, format, args);
    va_end(args);
}

void sim_text_addv(struct sim_text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    reserve(text, 0);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->bytes + text->length, room, format, args);
    if (length < 0) {
        /* The C library refuses only what cannot be encoded; nothing of it is kept. */
        text->bytes[text->length] = '\0';
    } else {
        if ((size_t)length >= room) {
            reserve(text, (size_t)length);
            vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        }
        text->length += (size_t)length;
    }
    va_end(again);
}

void sim_text_add_bytes(struct sim_text *text, const char *bytes, size_t length)
{
    reserve(text, length);
    if (length > 0) {
        memcpy(text->bytes + text->length, bytes, length);
    }
    text->length += length;
    text->bytes[text->length] = '\0';
}

const char *sim_text_get(const struct sim_text *text)
{
    return text->bytes != NULL ? text->bytes : "";
}

/* ASCII only, so that the answer does not depend on a locale. */
static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edit distance with exchanged neighbours; both texts at most NEAREST_MAX_LENGTH long. */
static uint32_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    uint32_t rows[3][NEAREST_MAX_LENGTH + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (uint32_t)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *above2 = rows[(i + 1) % 3];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            char x = lower(a[i - 1]);
            char y = lower(b[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y &&
                above2[j - 2] + 1 < row[j]) {
                row[j] = above2[j - 2] + 1;
            }
        }
    }
    return rows[a_length % 3][b_length];
}

int sim_text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    uint32_t best = UINT32_MAX;
    int nearest = -1;
    if (length > NEAREST_MAX_LENGTH) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other <= NEAREST_MAX_LENGTH) {
            uint32_t edits = distance(word, length, candidates[i], other);
            if (edits < best) {
                best = edits;
                nearest = (int)i;
            }
        }
    }
    /* In a short word every letter counts: of 'foo' to 'job' too little is left. */
    bool is_near = best <= length / 3 || (best <= 2 && best <= length / 2);
    return is_near ? nearest : -1;
}
