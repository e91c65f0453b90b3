/*
 * track - an event and a request, counted and kept by libtamis.
 *
 * cc track.c $(pkg-config --cflags --libs libtamis)
 */
#include <libtamis.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const char event[] =
	    "{\"type\":\"event\",\"payload\":{\"name\":\"signup\",\"data\":{\"plan\":\"pro\"}}}";
	struct tamis_options options = {
	    .size = sizeof options, .app_name = "my-app", .flags = TAMIS_FORWARD};
	struct tamis *tamis;
	char why[256];

	if (tamis_start(&tamis, &options, why, sizeof why) < 0 ||
	    tamis_send(tamis, event, strlen(event), NULL, why, sizeof why) < 0)
		return fprintf(stderr, "%s\n", why), 1;
	tamis_route(tamis, "GET", "/orders/{id}", 200, 1500);
	return tamis_stop(tamis) < 0;
}
