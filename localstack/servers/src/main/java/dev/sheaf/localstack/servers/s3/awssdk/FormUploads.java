package dev.sheaf.localstack.servers.s3.awssdk;

import java.lang.reflect.Field;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.shaded.org.eclipse.jetty.http.HttpField;
import org.gaul.shaded.org.eclipse.jetty.http.HttpFields;
import org.gaul.shaded.org.eclipse.jetty.http.HttpHeader;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.server.Server;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;

/**
 * Takes uploads from clients that call every body a form unless told otherwise: curl and Python's
 * urllib do, and S3 does not care. Whatever reads a query parameter of such a request would eat its
 * body in search of more of them, and the object would arrive empty. So the type, which nobody
 * signs, is what S3 gives to an upload without one.
 */
final class FormUploads extends Handler.Wrapper {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final HttpField BYTES =
      new HttpField(HttpHeader.CONTENT_TYPE, "binary/octet-stream");

  private FormUploads(Handler handler) {
    super(handler);
  }

  /** Puts itself before everything else of a server that is not started yet. */
  static void admit(S3Proxy proxy) {
    try {
      // It offers no other way to its server.
      Field field = S3Proxy.class.getDeclaredField("server");
      field.setAccessible(true);
      Server server = (Server) field.get(proxy);
      server.setHandler(new FormUploads(server.getHandler()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("another release of S3Proxy keeps its server elsewhere", e);
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    return super.handle(isFormUpload(request) ? new Upload(request) : request, response, callback);
  }

  private static boolean isFormUpload(Request request) {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return request.getMethod().equals("PUT") && type != null && type.startsWith(FORM);
  }

  /** An upload under the type that it has without one. */
  private static final class Upload extends Request.Wrapper {
    private final HttpFields headers;

    Upload(Request request) {
      super(request);
      headers = HttpFields.build(request.getHeaders()).put(BYTES).asImmutable();
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }
  }
}
