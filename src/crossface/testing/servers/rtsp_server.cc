// An RTSP server for tests: sends what arrives as RTP on a local port. With a user and a password it asks for
// them. Prints one line once it can be connected to.
//
// usage: rtsp_server RTSP_PORT RTP_PORT [USER PASSWORD]
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>

static void AskForPassword(GstRTSPServer* server, GstRTSPMediaFactory* factory, const char* user,
                           const char* password) {
  GstRTSPAuth* auth = gst_rtsp_auth_new();
  GstRTSPToken* token =
      gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", nullptr);
  gchar* basic = gst_rtsp_auth_make_basic(user, password);
  gst_rtsp_auth_add_basic(auth, basic, token);
  gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                  GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
  gst_rtsp_server_set_auth(server, auth);
  g_free(basic);
  gst_rtsp_token_unref(token);
  g_object_unref(auth);
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5) return 2;
  gst_init(nullptr, nullptr);
  gchar* launch = g_strdup_printf(
      "( udpsrc address=127.0.0.1 port=%s "
      "caps=\"application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=96\" ! rtph264depay "
      "! "
      "h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )",
      argv[2]);
  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, "127.0.0.1");
  gst_rtsp_server_set_service(server, argv[1]);
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  gst_rtsp_media_factory_set_launch(factory, launch);
  gst_rtsp_media_factory_set_shared(factory, TRUE);
  if (argc == 5) AskForPassword(server, factory, argv[3], argv[4]);
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  gst_rtsp_mount_points_add_factory(mounts, "/live", factory);
  g_object_unref(mounts);
  if (gst_rtsp_server_attach(server, nullptr) == 0) return 1;
  printf("ready\n");
  fflush(stdout);
  g_main_loop_run(g_main_loop_new(nullptr, FALSE));
  return 0;
}
