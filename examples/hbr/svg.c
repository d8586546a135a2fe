/* SPDX-License-Identifier: Apache-2.0 */
/* Writing SVG elements; texts are escaped here and nowhere else. */
#include "svg.h"

#include <stdarg.h>
#include <string.h>

#define SANS "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
#define MONO "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

static const char style_sheet[] =
        "text{font-family:" SANS ";font-size:12px;fill:#1e293b}"
        ".page{fill:#fff}"
        ".title{font-size:22px;font-weight:700;fill:#0f172a}"
        ".subtitle{font-size:13px;fill:#475569}"
        ".rail{font-size:13px;font-weight:700;fill:#334155}"
        ".name{font-size:15px;font-weight:700;fill:#0f172a}"
        ".bold{font-weight:700}"
        ".small{font-size:11px;fill:#64748b}"
        ".caption{font-size:11px;fill:#64748b}"
        ".mono{font-family:" MONO ";font-size:11px}"
        ".dim{fill:#64748b}"
        ".right{text-anchor:end}"
        ".middle{text-anchor:middle}"
        ".card{fill:#fff;stroke:#cbd5e1;stroke-width:1.2}"
        ".host{fill:#fdf7e8;stroke:#e0cd9c}"
        ".router{fill:#edf4fb;stroke:#a8c4e0}"
        ".pill-control-plane{fill:#1e3a5f}"
        ".pill-worker{fill:#e2e8f0}"
        ".on-control-plane{font-size:11px;fill:#fff}"
        ".on-worker{font-size:11px;fill:#334155}"
        ".fabric{fill:#e2e8f0;stroke:#94a3b8}"
        ".line{fill:none;stroke-width:1.8;stroke-linecap:round}"
        ".uplink{fill:none;stroke:#64748b;stroke-width:5}"
        ".veth{fill:none;stroke:#475569;stroke-width:2.2;stroke-linejoin:round}"
        ".plug{fill:#475569}"
        ".mesh{stroke:#0072b2}.client{stroke:#d55e00}.calico{stroke:#009e73}.extra{stroke:#"
        "8a5aa8}"
        ".dot-calico{fill:#009e73}.dot-router{fill:#0072b2}"
        ".dashed{stroke-dasharray:5 3}";

static void put_escaped(FILE *file, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '&':
			fputs("&amp;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		default:
			/* XML 1.0 allows no other control character, escaped or not. */
			if ((unsigned char)*text >= 0x20)
				fputc(*text, file);
		}
	}
}

struct svg svg_begin(FILE *file, double width, double height, const char *title)
{
	struct svg svg = { .file = file, .width = width, .height = height };

	fprintf(file,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
	        "viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n<title>",
	        width, height, width, height);
	put_escaped(file, title);
	fprintf(file, "</title>\n<style>%s</style>\n", style_sheet);
	svg_box(&svg, 0, 0, width, height, 0, "page");
	return svg;
}

void svg_end(const struct svg *svg)
{
	fputs("</svg>\n", svg->file);
}

void svg_text(const struct svg *svg, double x, double y, const char *style, const char *fmt,
              ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(svg->file, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, style);
	put_escaped(svg->file, text);
	fputs("</text>\n", svg->file);
}

void svg_box(const struct svg *svg, double x, double y, double width, double height,
             double radius, const char *style)
{
	fprintf(svg->file,
	        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\" "
	        "class=\"%s\"/>\n",
	        x, y, width, height, radius, style);
}

void svg_dot(const struct svg *svg, double x, double y, double radius, const char *style)
{
	fprintf(svg->file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>\n", x, y,
	        radius, style);
}

void svg_line(const struct svg *svg, const char *style, const char *tip, const char *path, ...)
{
	va_list ap;

	fprintf(svg->file, "<path class=\"%s\" d=\"", style);
	va_start(ap, path);
	vfprintf(svg->file, path, ap);
	va_end(ap);
	if (!tip) {
		fputs("\"/>\n", svg->file);
		return;
	}
	fputs("\"><title>", svg->file);
	put_escaped(svg->file, tip);
	fputs("</title></path>\n", svg->file);
}

size_t svg_length(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xC0) != 0x80;
	return n;
}
