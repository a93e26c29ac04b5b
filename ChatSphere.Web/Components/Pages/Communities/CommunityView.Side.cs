using ChatSphere.Contracts.Live;

namespace ChatSphere.Web.Components.Pages.Communities;

public sealed partial class CommunityView
{
    private bool SideIsOpen => PeopleOpen && Server is not null;

    private static void HandleFurther(LiveEvent live)
    {
    }

    private static void CloseFurther()
    {
    }
}
