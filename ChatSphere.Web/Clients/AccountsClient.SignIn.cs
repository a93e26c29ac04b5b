using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Web.Clients;

public sealed partial class AccountsClient
{
    public Task<ApiResult<Nothing>> ConfirmEmailAsync(string token) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/email/confirm", new EmailTokenRequest(token));

    public Task<ApiResult<Nothing>> SendConfirmationAsync(string email) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/email/confirmations", new EmailRequest(email));

    public Task<ApiResult<Nothing>> ForgotPasswordAsync(string email) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/password/forgot", new EmailRequest(email));

    public Task<ApiResult<Nothing>> ResetPasswordAsync(ResetPasswordRequest request) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/password/reset", request);

    public Task<ApiResult<Nothing>> ConfirmEmailChangeAsync(string token) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/email/change", new EmailTokenRequest(token));

    public Task<ApiResult<Nothing>> ChangePasswordAsync(ChangePasswordRequest request) => api.PostAsync<Nothing>("v1/accounts/me/password", request);

    public Task<ApiResult<Nothing>> RequestEmailChangeAsync(string newEmail) => api.PostAsync<Nothing>("v1/accounts/me/email", new ChangeEmailRequest(newEmail));

    public Task<ApiResult<Nothing>> SetUpAsync(string token) => api.PostAsync<Nothing>("v1/accounts/setup", new SetUpRequest(token));

    public Task<ApiResult<IReadOnlyList<SessionResponse>>> SessionsAsync() => api.GetAsync<IReadOnlyList<SessionResponse>>("v1/accounts/me/sessions");

    public Task<ApiResult<Nothing>> EndSessionAsync(Guid id) => api.DeleteAsync($"v1/accounts/me/sessions/{id}");

    public Task<ApiResult<Nothing>> EndOtherSessionsAsync() => api.DeleteAsync("v1/accounts/me/sessions");
}
