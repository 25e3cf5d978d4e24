// PNG by libpng, and JPEG by TurboJPEG and libexif, from memory to memory. Functions that can fail return NULL, or a text that says
// why and stays valid until the thread's next call.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t width;
    uint32_t height;
    uint32_t channels;     // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
    uint32_t orientation;  // how to turn and mirror the picture: EXIF's 1 to 8, where 1 is upright
} yuyan_image_header;

// The size of a picture, from its first bytes. Allocates nothing for pixels.
const char *yuyan_png_header(const uint8_t *bytes, size_t count, yuyan_image_header *header);
const char *yuyan_jpeg_header(const uint8_t *bytes, size_t count, yuyan_image_header *header);

// All pixels, row by row, 8 bits a channel. `pixels` has room for width × height × channels bytes of the header.
// Colors are not multiplied by alpha.
const char *yuyan_png_pixels(const uint8_t *bytes, size_t count, yuyan_image_header header, uint8_t *pixels);
const char *yuyan_jpeg_pixels(const uint8_t *bytes, size_t count, yuyan_image_header header, uint8_t *pixels);

// The most bytes that a PNG of this size takes.
size_t yuyan_png_limit(yuyan_image_header header);
// Writes a PNG and sets `count`, which holds the room in `bytes` before, to its length.
const char *yuyan_write_png(yuyan_image_header header, const uint8_t *pixels, uint8_t *bytes, size_t *count);
