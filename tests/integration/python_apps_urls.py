"""The URLs of python_apps.make_django()."""
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import include, path, re_path

from python_apps import PAGE, broken, generate, parts


def order(request, id):
    return HttpResponse(PAGE) if request.method == "GET" else JsonResponse({"paid": True})


def json(request):
    return JsonResponse({"ok": True}) if request.method == "GET" else HttpResponseNotAllowed(["GET"])


async def home(request):
    return HttpResponse(PAGE)


urlpatterns = [
    path("", home),
    path("orders/", include([path("<int:id>", order)])),
    path("pages/<str:name>", lambda request, name: HttpResponse(PAGE)),
    re_path(r"^json$", json),
    path("stream", lambda request: StreamingHttpResponse(parts())),
    path("broken", lambda request: StreamingHttpResponse(broken())),
    path("away", lambda request: HttpResponseRedirect("/json")),
    path("boom", lambda request: 1 / 0),
    path("static/x", lambda request: HttpResponse(PAGE)),
    re_path(r"^re/(?P<year>\d+)/(\w+)/$", lambda request, year: HttpResponse(PAGE)),
    path("api/generate", lambda request: JsonResponse(generate())),
]
