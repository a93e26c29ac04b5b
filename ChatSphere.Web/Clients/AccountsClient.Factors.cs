using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Web.Clients;

public sealed partial class AccountsClient
{
    private const string Me = "v1/accounts/me";

    public Task<ApiResult<FactorsResponse>> FactorsAsync() => api.GetAsync<FactorsResponse>($"{Me}/factors");

    public Task<ApiResult<TotpSetupResponse>> BeginTotpAsync() => api.PostAsync<TotpSetupResponse>($"{Me}/totp");

    public Task<ApiResult<RecoveryCodesResponse>> ConfirmTotpAsync(string code) => api.PostAsync<RecoveryCodesResponse>($"{Me}/totp/confirm", new ConfirmTotpRequest(code));

    public Task<ApiResult<Nothing>> RemoveTotpAsync() => api.DeleteAsync($"{Me}/totp");

    public Task<ApiResult<RecoveryCodesResponse>> MakeRecoveryCodesAsync() => api.PostAsync<RecoveryCodesResponse>($"{Me}/recovery-codes");

    public Task<ApiResult<PasskeyResponse>> AddPasskeyAsync(AddPasskeyRequest request) => api.PostAsync<PasskeyResponse>($"{Me}/passkeys", request);

    public Task<ApiResult<PasskeyResponse>> RenamePasskeyAsync(Guid id, string name) => api.PatchAsync<PasskeyResponse>($"{Me}/passkeys/{id}", new RenamePasskeyRequest(name));

    public Task<ApiResult<Nothing>> RemovePasskeyAsync(Guid id) => api.DeleteAsync($"{Me}/passkeys/{id}");

    public Task<ApiResult<Nothing>> ReauthenticateAsync(ReauthenticateRequest request) => api.PostAsync<Nothing>($"{Me}/reauthenticate", request);

    public Task<ApiResult<PasskeyOptionsResponse>> PasskeyOptionsAsync(string? secondFactorTicket) =>
        api.PostAnonymouslyAsync<PasskeyOptionsResponse>("v1/accounts/passkeys/options", new PasskeyOptionsRequest(secondFactorTicket));

    public Task<ApiResult<TokenResponse>> BringSecondFactorAsync(SecondFactorRequest request) => api.PostAnonymouslyAsync<TokenResponse>("v1/accounts/sign-in/second-factor", request);

    public Task<ApiResult<TokenResponse>> SignInWithPasskeyAsync(PasskeySignInRequest request) => api.PostAnonymouslyAsync<TokenResponse>("v1/accounts/sign-in/passkey", request);

    /// <summary>Where else one can sign in. None when the API cannot say: the password still works.</summary>
    public async Task<IReadOnlyList<ExternalProviderResponse>> ProvidersAsync()
    {
        var listed = await transport.SendAsync<List<ExternalProviderResponse>>(null, () => new(HttpMethod.Get, ApiCalls.Address("v1/accounts/external")), CancellationToken.None);
        return listed.Value ?? [];
    }

    public Task<ApiResult<ExternalStartResponse>> StartElsewhereAsync(string provider) => api.PostAnonymouslyAsync<ExternalStartResponse>($"v1/accounts/external/{Uri.EscapeDataString(provider)}/start", new { });

    public Task<ApiResult<TokenResponse>> FinishElsewhereAsync(ExternalCallbackRequest request) => api.PostAnonymouslyAsync<TokenResponse>("v1/accounts/external/callback", request);

    public Task<ApiResult<ExternalStartResponse>> StartLinkingAsync(string provider) => api.PostAsync<ExternalStartResponse>($"{Me}/external/{Uri.EscapeDataString(provider)}/start");

    public Task<ApiResult<ExternalStartResponse>> StartConfirmingAsync(string provider) => api.PostAsync<ExternalStartResponse>($"{Me}/reauthenticate/external/{Uri.EscapeDataString(provider)}");

    public Task<ApiResult<Nothing>> FinishLinkingAsync(ExternalCallbackRequest request) => api.PostAsync<Nothing>($"{Me}/external/callback", request);

    public Task<ApiResult<List<LinkedAccountResponse>>> LinkedAsync() => api.GetAsync<List<LinkedAccountResponse>>($"{Me}/external");

    public Task<ApiResult<Nothing>> UnlinkAsync(string provider) => api.DeleteAsync($"{Me}/external/{Uri.EscapeDataString(provider)}");
}
