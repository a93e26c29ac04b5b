using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<IndexedMessage> IndexedMessages => Set<IndexedMessage>();
    public DbSet<Notification> Notifications => Set<Notification>();
    public DbSet<NotificationPreferences> NotificationPreferences => Set<NotificationPreferences>();
    public DbSet<PlacePreference> PlacePreferences => Set<PlacePreference>();
}
