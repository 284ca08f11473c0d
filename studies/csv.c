#include "studies/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

size_t study_number_format(char *buffer, double value)
{
    int length;

    if (isfinite(value) && value == rint(value) && fabs(value) < 1e15) {
        length = snprintf(buffer, STUDY_NUMBER_SIZE, "%" PRId64, (int64_t)value);
    } else if (!isfinite(value) || fabs(value) >= 1e15) {
        length = snprintf(buffer, STUDY_NUMBER_SIZE, "%.15g", value);
    } else {
        length = snprintf(buffer, STUDY_NUMBER_SIZE, fabs(value) >= 100 ? "%.1f" : "%.4f", value);
    }
    return (size_t)length;
}

int study_time_decimals(sim_time interval, int least)
{
    int decimals = 9;

    while (decimals > least && interval % 10 == 0) {
        interval /= 10;
        decimals--;
    }
    return decimals;
}

size_t study_time_format(char *buffer, sim_time time, int decimals)
{
    sim_time unit = 1;
    sim_time rounded;
    int length;

    for (int i = decimals; i < 9; i++) {
        unit *= 10;
    }
    rounded = (time + unit / 2) / unit;
    unit = SIM_S / unit;
    length = snprintf(buffer, STUDY_NUMBER_SIZE, "%" PRId64 ".%0*" PRId64, rounded / unit, decimals,
                      rounded % unit);
    return (size_t)length;
}

static void put(char *buffer, size_t size, size_t *length, char byte)
{
    if (*length + 1 < size) {
        buffer[*length] = byte;
        buffer[*length + 1] = 0;
    }
    (*length)++;
}

size_t study_csv_quote(char *buffer, size_t size, const char *text)
{
    bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
    size_t length = 0;

    if (size > 0) {
        buffer[0] = 0;
    }
    if (is_quoted) {
        put(buffer, size, &length, '"');
    }
    for (; *text != 0; text++) {
        if (*text == '"') {
            put(buffer, size, &length, '"');
        }
        put(buffer, size, &length, *text);
    }
    if (is_quoted) {
        put(buffer, size, &length, '"');
    }
    return length;
}
