#include "yuyan_images.h"

#include <libexif/exif-data.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <zlib.h>

static _Thread_local char message[256];

static const char *remembered(const char *text) {
    snprintf(message, sizeof message, "%s", text);
    return message;
}

// EXIF's orientation, 1 to 8; 1, which is upright, where there is none that makes sense. The data begin as they do in a JPEG,
// with its first marker or with "Exif" and two zeros.
static uint32_t orientation_of(const uint8_t *bytes, size_t count) {
    uint32_t result = 1;
    ExifData *data = exif_data_new_from_data(bytes, (unsigned)count);
    if (!data) return result;
    const ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry && entry->format == EXIF_FORMAT_SHORT && entry->size >= sizeof(ExifShort)) {
        const ExifShort value = exif_get_short(entry->data, exif_data_get_byte_order(data));
        if (value >= 1 && value <= 8) result = value;
    }
    exif_data_unref(data);
    return result;
}

static png_image png_of(yuyan_image_header header) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = header.width;
    image.height = header.height;
    const png_uint_32 formats[] = {PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA};
    image.format = formats[header.channels - 1];
    return image;
}

// The orientation in a PNG's chunk of EXIF data, which may stand before its pixels or behind them. libpng's simplified reader
// does not tell it.
static uint32_t png_orientation(const uint8_t *bytes, size_t count) {
    size_t place = 8;  // behind the signature
    while (place < count && count - place >= 12) {
        const uint8_t *chunk = bytes + place;  // length, name, content, checksum of name and content
        const size_t length = png_get_uint_32(chunk);
        if (length > count - place - 12) break;
        const uint8_t *name = chunk + 4;
        if (memcmp(name, "eXIf", 4) == 0) {
            const int is_intact = crc32(0, name, (uInt)length + 4) == png_get_uint_32(name + 4 + length);
            uint8_t *data = is_intact ? malloc(length + 6) : NULL;
            if (!data) return 1;
            memcpy(data, "Exif\0\0", 6);
            memcpy(data + 6, name + 4, length);
            const uint32_t orientation = orientation_of(data, length + 6);
            free(data);
            return orientation;
        }
        place += length + 12;
    }
    return 1;
}

const char *yuyan_png_header(const uint8_t *bytes, size_t count, yuyan_image_header *header) {
    png_image image = png_of((yuyan_image_header){0, 0, 1, 1});
    if (!png_image_begin_read_from_memory(&image, bytes, count)) return remembered(image.message);
    const uint32_t colors = image.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
    const uint32_t channels = image.format & PNG_FORMAT_FLAG_ALPHA ? colors + 1 : colors;
    *header = (yuyan_image_header){image.width, image.height, channels, png_orientation(bytes, count)};
    png_image_free(&image);
    return NULL;
}

const char *yuyan_png_pixels(const uint8_t *bytes, size_t count, yuyan_image_header header, uint8_t *pixels) {
    png_image image = png_of(header);
    if (!png_image_begin_read_from_memory(&image, bytes, count)) return remembered(image.message);
    image.format = png_of(header).format;
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // As browsers do; the default is linear light.
    // A failed read frees the image itself.
    if (!png_image_finish_read(&image, NULL, pixels, 0, NULL)) return remembered(image.message);
    return NULL;
}

size_t yuyan_png_limit(yuyan_image_header header) {
    const png_image image = png_of(header);
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

const char *yuyan_write_png(yuyan_image_header header, const uint8_t *pixels, uint8_t *bytes, size_t *count) {
    png_image image = png_of(header);
    if (!png_image_write_to_memory(&image, bytes, count, 0, pixels, 0, NULL)) return remembered(image.message);
    return NULL;
}

// The header by a decompressor that has been made.
static const char *jpeg_header(tjhandle decoder, const uint8_t *bytes, size_t count, yuyan_image_header *header) {
    // Data that ends before its picture begins is no fault to the library: it sets nothing.
    int width = 0, height = 0, subsampling = -1, colors = -1;
    if (tjDecompressHeader3(decoder, bytes, count, &width, &height, &subsampling, &colors)) {
        return remembered(tjGetErrorStr2(decoder));
    }
    if (width <= 0 || height <= 0) return "it ends before its image begins";
    if (colors == TJCS_CMYK || colors == TJCS_YCCK) return "its colors are CMYK; gray and RGB can be read";
    *header = (yuyan_image_header){(uint32_t)width, (uint32_t)height, colors == TJCS_GRAY ? 1 : 3, 1};
    return NULL;
}

const char *yuyan_jpeg_header(const uint8_t *bytes, size_t count, yuyan_image_header *header) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder) return "TurboJPEG cannot start";
    const char *fault = jpeg_header(decoder, bytes, count, header);
    tjDestroy(decoder);
    if (!fault) header->orientation = orientation_of(bytes, count);
    return fault;
}

const char *yuyan_jpeg_pixels(const uint8_t *bytes, size_t count, yuyan_image_header header, uint8_t *pixels) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder) return "TurboJPEG cannot start";
    yuyan_image_header found;
    const char *fault = jpeg_header(decoder, bytes, count, &found);
    // Truncated data is only a warning to the library, and a small file may ask for scans without end.
    const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
    const int format = header.channels == 1 ? TJPF_GRAY : TJPF_RGB;
    if (!fault && tjDecompress2(decoder, bytes, count, pixels, (int)header.width, 0, (int)header.height, format, flags)) {
        fault = remembered(tjGetErrorStr2(decoder));
    }
    tjDestroy(decoder);
    return fault;
}
